import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../test/support/ports.ts'
import { endProcess } from '../../test/support/process.ts'
import { TEST_PASSWORD } from '../passwords.ts'

const PROBE = fileURLToPath(new URL('probe.ts', import.meta.url))

/** The file that starts a built server. */
export function entryOf(outputDir: string): string {
  return join(outputDir, 'server/index.mjs')
}

/** A server that was started to be weighed. */
export class WeighedServer {
  /** Starts a built server and waits for its first answer. */
  static async start(outputDir: string, { isProbed = false } = {}): Promise<WeighedServer> {
    const port = await freePort()
    const flags = isProbed ? ['--disable-warning=ExperimentalWarning', '--expose-gc', '--import', PROBE] : []
    const start = performance.now()
    const child = spawn(process.execPath, [...flags, entryOf(outputDir)], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), NUXT_SESSION_PASSWORD: TEST_PASSWORD },
      stdio: ['ignore', 'pipe', 'inherit', ...isProbed ? ['ipc' as const] : []],
    })
    const server = new WeighedServer(child, `http://127.0.0.1:${port}`)
    try {
      await server.#listens()
      await server.#ask('/api/visits')
      server.milliseconds = performance.now() - start
      return server
    }
    catch (error) {
      await server.stop()
      throw error
    }
  }

  /** From the start of the process to the first answer of the route. */
  milliseconds = Number.NaN
  readonly #child: ChildProcess
  readonly #url: string
  #cookie = ''

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.#url = url
  }

  /** A visitor comes back with the cookie and opens the page. */
  async visit(): Promise<string> {
    await this.#ask('/api/visits')
    return await this.#ask('/')
  }

  /** The files of the server that are loaded now. */
  async loaded(): Promise<string[]> {
    const urls = await this.#question('loaded') as string[]
    return urls.filter(url => url.startsWith('file:')).map(url => fileURLToPath(url)).filter(file => file !== PROBE)
  }

  /** Bytes of the heap after a garbage collection. */
  async heap(): Promise<number> {
    return await this.#question('heap') as number
  }

  async stop(): Promise<void> {
    await endProcess(this.#child)
  }

  async #question(question: 'loaded' | 'heap'): Promise<unknown> {
    const answer = once(this.#child, 'message')
    const end = once(this.#child, 'close').then(() => { throw new Error(`The server ended without an answer to "${question}".`) })
    this.#child.send(question)
    const [message] = await Promise.race([answer, end]) as [unknown]
    return message
  }

  async #ask(path: string): Promise<string> {
    const response = await fetch(this.#url + path, { headers: this.#cookie ? { cookie: this.#cookie } : {} })
    if (!response.ok) throw new Error(`${path} answered ${response.status}.`)
    this.#cookie = response.headers.getSetCookie().at(-1)?.split(';', 1)[0] ?? this.#cookie
    return await response.text()
  }

  #listens(): Promise<void> {
    return new Promise((resolve, reject) => {
      let output = ''
      this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('Listening on')) resolve()
      })
      this.#child.once('close', () => reject(new Error(`The server ended:\n${output}`)))
    })
  }
}
