import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { canConnect, freePort } from '../../test/support/ports.ts'
import { endProcess, hasExited } from '../../test/support/process.ts'
import { until } from '../../test/support/until.ts'
import { TEST_PASSWORD } from '../passwords.ts'
import { cpuTimeOf } from './cpu-time.ts'

export interface ServerOptions {
  /** The server's file. */
  entry: string
  /** Flags of node. */
  flags?: string[]
}

/** A measured server, in a separate process on 127.0.0.1. */
export class ServerProcess {
  /** Starts it and waits until it accepts connections. */
  static async start({ entry, flags = [] }: ServerOptions): Promise<ServerProcess> {
    const port = await freePort()
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, entry], {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        NITRO_SESSION_PASSWORD: TEST_PASSWORD,
        NUXT_SESSION_PASSWORD: TEST_PASSWORD,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const server = new ServerProcess(child, `http://127.0.0.1:${port}`)
    await server.#takesConnections(port)
    return server
  }

  /** Starts it, and stops it after `use`. */
  static async during<T>(options: ServerOptions, use: (server: ServerProcess) => Promise<T>): Promise<T> {
    const server = await ServerProcess.start(options)
    return use(server).finally(() => server.stop())
  }

  readonly url: string
  readonly #child: ChildProcess
  #errors = ''

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.#errors = (this.#errors + text).slice(-4000) })
  }

  /** The end of its error output. */
  get errors() { return this.#errors }

  /** Microseconds of CPU until now, of all its threads; `undefined` if the system does not report it. */
  cpuTime(): Promise<number | undefined> {
    return cpuTimeOf(this.#child)
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path)
    if (!response.ok) throw new Error(`${path} answered ${response.status}.\n${this.#errors}`)
    return await response.json() as T
  }

  async stop(): Promise<void> {
    await endProcess(this.#child)
  }

  async #takesConnections(port: number): Promise<void> {
    try {
      await until(() => canConnect(port), () => {
        if (hasExited(this.#child)) throw new Error('It ended.')
      }, 30_000)
    }
    catch (cause) {
      await this.stop()
      throw new Error(`The server did not start.\n${this.#errors}`, { cause })
    }
  }
}
