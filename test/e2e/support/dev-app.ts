import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NUXT, ROOT } from './build'
import { cleanEnvironment, collectOutput, endGroup, hasExited } from '../../support/process'
import { freePort } from '../../support/ports'
import { until } from '../../support/until'

/** A copy of a fixture in a separate folder, where `nuxt dev` may write. */
export class DevApp {
  static async copy(fixture: string, env?: string): Promise<DevApp> {
    const dir = await mkdtemp(join(tmpdir(), 'h3-session-dev-'))
    const source = join(ROOT, 'test/fixtures', fixture)
    await cp(source, dir, { recursive: true, filter: path => !/\.(?:nuxt|output)|node_modules/.test(path.slice(source.length)) })
    const config = await readFile(join(dir, 'nuxt.config.ts'), 'utf8')
    await writeFile(join(dir, 'nuxt.config.ts'), config.replace('../../../src/module', join(ROOT, 'src/module')))
    await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
    if (env !== undefined) await writeFile(join(dir, '.env'), env)
    return new DevApp(dir)
  }

  readonly #servers: DevServer[] = []

  constructor(readonly dir: string) {}

  /** Ends its servers and removes the folder. */
  async dispose(): Promise<void> {
    for (const server of this.#servers) await server.stop()
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 })
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
