import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { PAGE_PATH } from '../../../src/devtools/protocol'
import { NITRO, NUXT, ROOT, scriptOf } from '../../e2e/support/build'
import { DevApp } from '../../e2e/support/dev-app'
import { TARGET_NAME, targetNamed } from '../../e2e/support/targets'
import type { Target } from '../../e2e/support/targets'
import { cleanEnvironment, collectOutput, endGroup, hasExited, run } from '../../support/process'
import { freePort } from '../../support/ports'
import { until } from '../../support/until'

/** The development server of the DevTools fixture, with a random DevTools token. */
export class DevtoolsServer {
  /** What authorises a browser to DevTools. */
  devToken = `test-only-${randomBytes(16).toString('hex')}`
  port = 0
  #app: DevApp | undefined
  #home = ''
  #child: ChildProcess | undefined
  #output = { all: '' }

  constructor(readonly host = '127.0.0.1', private readonly env: Record<string, string> = {}) {}

  get url() { return `http://127.0.0.1:${this.port}` }
  get log() { return this.#output.all }
  get dir() { return this.#app!.dir }
  /** The directories that it writes to: the project, and the developer's home. */
  get dirs() { return [this.dir, this.#home] }

  async start(): Promise<void> {
    const { builder, packages } = targetNamed(TARGET_NAME)
    // Nuxt and Nitro generate a password. h3 alone does not.
    const dotenv = builder === 'h3-2' ? `NODE_ENV=development\nSESSION_PASSWORD=test-only-${randomBytes(24).toString('hex')}\n` : undefined
    this.#app = await DevApp.copy('devtools', dotenv, packages)
    this.#home = await mkdtemp(join(tmpdir(), 'h3-session-home-'))
    await mkdir(join(this.#home, '.nuxt/devtools'), { recursive: true })
    await writeFile(join(this.#home, '.nuxt/devtools/dev-auth-token.txt'), this.devToken)
    this.port = await freePort()
    await this.#run()
  }

  /** Ends the process, and starts another one on the same port and with the same files. */
  async restart(): Promise<void> {
    await endGroup(this.#child!)
    await this.#run()
  }

  async #run(): Promise<void> {
    const target = targetNamed(TARGET_NAME)
    const command = await commandOf(target, this.dir)
    const child = spawn(process.execPath, [...command, '--port', String(this.port), '--host', this.host], {
      // Without the test runner's environment: with TEST or VITEST set, DevTools is off.
      cwd: this.dir, env: cleanEnvironment({ XDG_CONFIG_HOME: this.#home, FIXTURE_TARGET: TARGET_NAME, FIXTURE_DEVTOOLS_TOKEN: this.devToken, ...this.env }), stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    })
    this.#child = child
    this.#output = collectOutput(child)
    await this.answers()
    const hasPage = !target.builder.startsWith('nuxt') && this.env.FIXTURE_DEVTOOLS !== 'unasked' && this.env.NODE_ENV !== 'production'
    if (hasPage) this.devToken = await this.#linkedToken()
  }

  /** Without DevTools, the terminal shows a link with the token when a page has none. */
  async #linkedToken(): Promise<string> {
    await fetch(`${this.url}${PAGE_PATH}/api/state`)
    const token = () => new RegExp(`${PAGE_PATH}/#([\\w-]+)`).exec(this.log)?.[1]
    await until(() => token() !== undefined)
    return token()!
  }

  /** Waits until the app responds, and returns the worker that it runs in. */
  async answers(): Promise<number> {
    let worker: number | undefined
    await until(async () => (worker = await this.worker()) !== undefined, () => {
      if (hasExited(this.#child!)) throw new Error(`The development server ended:\n${this.log}`)
    }, 120_000)
    return worker!
  }

  /** The id of the thread that serves the app. It changes with each edit of the server. */
  async worker(): Promise<number | undefined> {
    return fetch(`${this.url}/api/ready`).then(async response => response.ok ? (await response.json()).worker : undefined, () => undefined)
  }

  /** The project's `.env`. */
  async dotenv(): Promise<string> {
    return await this.#app!.dotenv() ?? ''
  }

  /** Ends the process and its children, and removes the files that it wrote. Throws if it has ended by itself. */
  async stop(): Promise<void> {
    const hasCrashed = this.#child && hasExited(this.#child)
    if (this.#child) await endGroup(this.#child)
    await this.#app?.dispose()
    if (this.#home) await rm(this.#home, { recursive: true, force: true, maxRetries: 5 })
    if (hasCrashed) throw new Error(`The development server ended:\n${this.log}`)
  }
}

/** A development server for all tests of a file. */
export function suiteDevServer(host?: string, env?: Record<string, string>): DevtoolsServer {
  const server = new DevtoolsServer(host, env)
  beforeAll(() => server.start())
  afterAll(() => server.stop())
  return server
}

/** The arguments of Node that serve the fixture in a folder. */
async function commandOf({ builder, packages }: Target, dir: string): Promise<string[]> {
  if (builder === 'h3-2') return ['--env-file=.env', await bundleOfH3(packages!, dir)]
  if (builder.startsWith('nuxt')) return [packages === undefined ? NUXT : scriptOf(packages, 'nuxt', 'bin/nuxt.mjs'), 'dev', dir, '--no-fork']
  return [packages === undefined ? NITRO : scriptOf(packages, 'nitro', 'dist/cli/index.mjs'), 'dev', '--dir', dir]
}

/** The app of h3 2 alone, which has no development server: a bundle, with the panel beside it as in the package. */
async function bundleOfH3(packages: string, dir: string): Promise<string> {
  const output = join(dir, '.output')
  const { code, output: log } = await run(process.execPath, [scriptOf(packages, 'rolldown', 'bin/cli.mjs'), '-c', join(dir, 'h3/rolldown.config.ts')], {
    cwd: dir, env: cleanEnvironment({}), timeout: 60_000,
  })
  if (code !== 0) throw new Error(`The bundle failed:\n${log}`)
  await symlink(join(ROOT, 'dist/client'), join(output, 'client')).catch((error) => { if (error.code !== 'EEXIST') throw error })
  return join(output, 'index.mjs')
}
