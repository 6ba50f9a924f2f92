import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { canConnect, freePort } from '../../support/ports'
import { until } from '../../support/until'
import { buildApp } from './build'
import type { AppName } from './build'
import { cleanEnvironment, collectOutput, endProcess, hasExited, run } from '../../support/process'
import type { RunResult } from '../../support/process'
import { serverCommand, TARGET_NAME, targetNamed, variableOf } from './targets'

/** A server of a built fixture, with only `env` in its environment. */
export class Server {
  /** Texts that must never be logged: passwords, and every cookie value that the tests received. */
  readonly secrets = new Set<string>()
  url = ''
  #child: ChildProcess | undefined
  #output = { all: '', stderr: '' }

  constructor(readonly app: AppName, readonly env: Record<string, string> = {}) {
    for (const [key, value] of Object.entries(env)) {
      if (key.includes('PASSWORD')) this.secrets.add(value)
    }
  }

  get log() { return this.#output.all }
  get stderr() { return this.#output.stderr }

  /** Builds the fixture if necessary, and waits until the server accepts connections. */
  async start(): Promise<void> {
    const app = await buildApp(this.app)
    const port = await freePort()
    const [file, ...args] = serverCommand(targetNamed(TARGET_NAME), app.outputDir)
    const child = spawn(file, args, {
      // The directory of the files that the app writes.
      cwd: app.outputDir,
      env: serverEnvironment(port, this.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.url = `http://127.0.0.1:${port}`
    this.#child = child
    this.#output = collectOutput(child)
    await until(() => canConnect(port), () => {
      if (hasExited(child)) throw new Error(`The server ended at start-up:\n${this.log}`)
    })
  }

  /** Ends the process and throws if it logged a secret. */
  async stop(): Promise<void> {
    if (this.#child) await endProcess(this.#child, targetNamed(TARGET_NAME).stopSignal)
    const leaks = [...this.secrets].filter(secret => secret.length >= 16 && this.log.includes(secret))
    if (leaks.length > 0) throw new Error(`The server logged ${leaks.length} secrets:\n${this.log}`)
  }
}

/** A password for one test run. */
export function testPassword(): string {
  return `test-only-${randomBytes(24).toString('hex')}`
}

/** A server for all tests of a `describe`. */
export function suiteServer(app: AppName, env: Record<string, string> = {}): Server {
  const server = new Server(app, env)
  beforeAll(() => server.start())
  afterAll(() => server.stop())
  return server
}

/** A server for the rest of the current test. */
export async function testServer(app: AppName, env: Record<string, string> = {}): Promise<Server> {
  const server = new Server(app, env)
  onTestFinished(() => server.stop())
  await server.start()
  return server
}

/** Starts a server that is expected to end by itself. */
export async function failToStart(name: AppName, env: Record<string, string>): Promise<RunResult> {
  const app = await buildApp(name)
  const [file, ...args] = serverCommand(targetNamed(TARGET_NAME), app.outputDir)
  return run(file, args, { env: serverEnvironment(await freePort(), env), timeout: 5_000 })
}

function serverEnvironment(port: number, env: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(env).map(([variable, value]) => [variableOf(variable), value]))
  return cleanEnvironment({ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), ...own })
}
