import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../test/support/ports.ts'
import { cleanEnvironment, collectOutput, endGroup, hasExited } from '../../test/support/process.ts'
import { until } from '../../test/support/until.ts'
import { cpuTimeOf } from '../macro/cpu-time.ts'
import { OUTPUT, ROOT } from '../paths.ts'
import { onOwnCore } from './cores.ts'

const NUXT = join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs')
const APP = fileURLToPath(new URL('app', import.meta.url))

/** `without-tab`: nothing records its sessions. */
export type DevAppName = 'with-tab' | 'without-tab'

/** `nuxt dev` of the app, in a separate process on 127.0.0.1, where possible on a core of its own. */
export class DevServer {
  /** Starts it and waits until the app answers. */
  static async start(name: DevAppName): Promise<DevServer> {
    const home = join(OUTPUT, 'devtools', `home-${name}`)
    const devToken = randomBytes(16).toString('hex')
    await mkdir(join(home, '.nuxt/devtools'), { recursive: true })
    await writeFile(join(home, '.nuxt/devtools/dev-auth-token.txt'), devToken)
    const port = await freePort()
    const [command, args] = onOwnCore(process.execPath, [NUXT, 'dev', APP, '--port', String(port), '--host', '127.0.0.1', '--no-fork'])
    const child = spawn(command, args, {
      env: cleanEnvironment({ XDG_CONFIG_HOME: home, DEVTOOLS_APP: name }), stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    })
    const server = new DevServer(child, `http://127.0.0.1:${port}`, devToken, home)
    try {
      await server.#answers()
      return server
    }
    catch (cause) {
      await server.stop()
      throw new Error(`nuxt dev did not start.\n${server.errors}`, { cause })
    }
  }

  readonly url: string
  /** What authorises a browser to its DevTools. */
  readonly devToken: string
  readonly #home: string
  readonly #child: ChildProcess
  readonly #output: { all: string }

  private constructor(child: ChildProcess, url: string, devToken: string, home: string) {
    this.#child = child
    this.url = url
    this.devToken = devToken
    this.#home = home
    this.#output = collectOutput(child)
  }

  /** The end of its output. */
  get errors() { return this.#output.all.slice(-4000) }

  /** Microseconds of CPU until now, of all its threads; `undefined` if the system does not report it. */
  cpuTime(): Promise<number | undefined> {
    return cpuTimeOf(this.#child)
  }

  /** Cookies of new visitors, each with a session of this data. */
  async visitors(count: number, data: object): Promise<string[]> {
    const cookies: string[] = []
    while (cookies.length < count) {
      const userId = String(cookies.length + 1)
      const response = await fetch(`${this.url}/api/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ userId, data }) })
      if (!response.ok) throw new Error(`The login answered ${response.status}.\n${this.errors}`)
      cookies.push(response.headers.getSetCookie().map(line => line.split(';', 1)[0]!).join('; '))
    }
    return cookies
  }

  /** Ends the process and its children, and removes the developer's home. */
  async stop(): Promise<void> {
    await endGroup(this.#child)
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 })
  }

  async #answers(): Promise<void> {
    // The first page compiles what it needs.
    const isReady = () => fetch(this.url).then(response => response.ok, () => false)
    await until(isReady, () => {
      if (hasExited(this.#child)) throw new Error('It ended.')
    }, 120_000)
  }
}
