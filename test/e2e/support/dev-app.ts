import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copySources, NUXT, ROOT } from './build'
import { installPackages } from './packages'
import { MATRIX } from './targets'
import { cleanEnvironment, collectOutput, endGroup, hasExited } from '../../support/process'
import { freePort } from '../../support/ports'
import { until } from '../../support/until'

/** A copy of a fixture in a separate folder, where `nuxt dev` may write. */
export class DevApp {
  /** `packages`: the folder, from test/matrix, whose packages run it. */
  static async copy(fixture: string, env?: string, packages?: string): Promise<DevApp> {
    const app = packages === undefined ? await copyAlone(fixture) : await copyBeside(packages, fixture)
    if (env !== undefined) await writeFile(join(app.dir, '.env'), env)
    return app
  }

  readonly #servers: DevServer[] = []

  /** `root`: the folder that contains all copied files. */
  constructor(readonly dir: string, private readonly root: string) {}

  /** Ends its servers and removes the folder. */
  async dispose(): Promise<void> {
    for (const server of this.#servers) await server.stop()
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 })
  }

  /** The project's `.env`, or `undefined` if there is none. */
  dotenv(): Promise<string | undefined> {
    return readFile(join(this.dir, '.env'), 'utf8').catch(() => undefined)
  }

  /** Runs `nuxt dev`. Resolves when it responds at `path`. */
  async start(path: string, env: Record<string, string> = {}): Promise<DevServer> {
    const port = await freePort()
    const child = spawn(process.execPath, [NUXT, 'dev', this.dir, '--port', String(port), '--host', '127.0.0.1', '--no-fork'], {
      cwd: this.dir, env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    })
    const server = new DevServer(child, `http://127.0.0.1:${port}`)
    this.#servers.push(server)
    await server.answers(path)
    return server
  }
}

export class DevServer {
  readonly #child: ChildProcess
  readonly #output: { all: string }

  constructor(child: ChildProcess, readonly url: string) {
    this.#child = child
    this.#output = collectOutput(child)
  }

  get log() { return this.#output.all }

  /** Waits until the app responds at `path`. */
  async answers(path: string): Promise<void> {
    const isReady = () => fetch(this.url + path).then(response => response.status === 200, () => false)
    await until(isReady, () => {
      if (hasExited(this.#child)) throw new Error(`nuxt dev ended:\n${this.log}`)
    }, 90_000)
  }

  /** Ends the process and its children. */
  async stop(): Promise<void> {
    await endGroup(this.#child)
  }
}

async function copyAlone(fixture: string): Promise<DevApp> {
  const dir = await mkdtemp(join(tmpdir(), 'h3-session-dev-'))
  const source = join(ROOT, 'test/fixtures', fixture)
  await cp(source, dir, { recursive: true, filter: path => !/\.(?:nuxt|output)|node_modules/.test(path.slice(source.length)) })
  for (const file of globSync('{nuxt,nitro}.config.ts', { cwd: dir })) {
    const config = await readFile(join(dir, file), 'utf8')
    await writeFile(join(dir, file), config.replace('../../../src', join(ROOT, 'src')))
  }
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  return new DevApp(dir, dir)
}

async function copyBeside(packages: string, fixture: string): Promise<DevApp> {
  await installPackages(packages)
  const parent = join(MATRIX, packages, 'app')
  await mkdir(parent, { recursive: true })
  const root = await mkdtemp(join(parent, 'dev-'))
  const dir = await copySources(packages, [fixture, 'nitro-3'], root)
  await mkdir(join(root, 'dist'))
  await symlink(join(ROOT, 'dist/client'), join(root, 'dist/client'))
  return new DevApp(dir, root)
}
