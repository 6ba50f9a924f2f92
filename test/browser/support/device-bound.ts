import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BrowserContext, Cookie, Page } from 'playwright-core'
import { beforeAll, beforeEach, expect, onTestFinished } from 'vitest'
import { proofCookieOf } from '../../../src/runtime/core/device/proof-cookie-name'
import { testPassword } from '../../e2e/support/server'
import type { Server } from '../../e2e/support/server'
import { HOSTS, suiteTlsSite } from './tls'
import type { TlsSite } from './tls'

/** Chromium binds sessions to keys in software, so that no TPM is needed. */
const WITH_KEYS = ['--enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting']

/** Longer than a test, so that Chromium does not renew a proof by itself. */
export const LIFETIME_MS = 3600_000

/** Of a server whose clock and store the tests set. */
export const DEVICE_ENV = {
  NUXT_SESSION_PASSWORD: testPassword(),
  NUXT_SESSION_STORAGE: 'switched',
  NUXT_SESSION_DEVICE_BOUND: JSON.stringify({ lifetime: LIFETIME_MS / 1000 }),
  NODE_OPTIONS: `--import=${new URL('clock.mjs', import.meta.url).href}`,
}

const TIMEOUT = 10_000
const DEVICE_PATH = /\/api\/_session\/device\/(\w+)/

/** A request of the browser about its key, and the status of the response. */
export interface DeviceExchange { step: string, status: number, isSigned: boolean }

/** An app over TLS, as the browser meets it. */
export class DeviceSite {
  origin = ''
  browser!: TlsSite['browser']
  /** The browsers' requests about their keys, in order. */
  readonly exchanges: DeviceExchange[] = []
  /** The headers `Secure-Session-Skipped` of all other requests. */
  readonly skipped: string[] = []
  /** Waits before a request about a key is forwarded. */
  gate: Promise<unknown> | undefined
  /** Waits before the browser gets the response to a request about a key. */
  answerGate: Promise<unknown> | undefined
  /** How many of the next responses to a request about a key are lost with their connection. */
  lostAnswers = 0
  /** In place of the app's response to a request about a key. `refuse` ends the connection. */
  failure: 'refuse' | number | undefined

  constructor(public app: Server, readonly name: string) {}

  get steps(): string[] { return this.exchanges.map(({ step, status, isSigned }) => `${step} ${isSigned ? 'signed ' : ''}${status}`) }

  /** What the tests change of the server. */
  async set(conditions: { clockAhead?: number, isStoreDown?: boolean }): Promise<void> {
    const { ok } = await fetch(`${this.app.url}/api/conditions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(conditions) })
    if (!ok) throw new Error('The server has no route to set its conditions.')
  }

  /** How many keys were registered. */
  get registrations(): number { return this.steps.filter(step => step === 'register signed 200').length }

  /** A visitor with separate cookies and keys, until the end of the test. */
  async visitor(cookies: Cookie[] = []): Promise<DeviceVisitor> {
    const context = await this.browser.newContext({ baseURL: this.origin })
    context.setDefaultTimeout(TIMEOUT)
    onTestFinished(() => context.close())
    await context.addCookies(cookies)
    const page = await context.newPage()
    await page.goto('/plain')
    return new DeviceVisitor(this, context, page)
  }

  /** Forwards a request to the app, with what a proxy for TLS adds. */
  async forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url } = incoming
    const step = DEVICE_PATH.exec(url!)?.[1]
    if (step === undefined) this.skipped.push(...[headers['secure-session-skipped'] ?? []].flat())
    else if (await this.#interrupt(step, incoming, response)) return
    const onward = request(this.app.url + url!, { method, headers: { ...headers, 'x-forwarded-proto': 'https' } }, async (answer) => {
      response.statusCode = answer.statusCode!
      if (step !== undefined) {
        this.#record(step, incoming, response)
        await this.answerGate
        if (this.lostAnswers > 0) {
          this.lostAnswers--
          incoming.socket.destroy()
          return
        }
      }
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    incoming.pipe(onward)
  }

  /** Whether a request about a key does not reach the app. */
  async #interrupt(step: string, incoming: IncomingMessage, response: ServerResponse): Promise<boolean> {
    await this.gate
    if (this.failure === undefined) return false
    if (this.failure === 'refuse') incoming.socket.destroy()
    else this.#record(step, incoming, response.writeHead(this.failure)).end()
    return true
  }

  #record(step: string, { headers }: IncomingMessage, response: ServerResponse): ServerResponse {
    this.exchanges.push({ step, status: response.statusCode, isSigned: headers['secure-session-response'] !== undefined })
    return response
  }
}

/** A site for all tests of a file or a `describe`. */
export function suiteDeviceSite(server: Server, { args = WITH_KEYS, name = 'h3' } = {}): DeviceSite {
  const tls = suiteTlsSite({ args })
  const site = new DeviceSite(server, name)
  beforeAll(async () => {
    site.browser = tls.browser
    site.origin = `https://${HOSTS.app}:${await tls.serve((incoming, response) => void site.forward(incoming, response))}`
  })
  beforeEach(async () => {
    site.exchanges.length = 0
    site.skipped.length = 0
    Object.assign(site, { app: server, gate: undefined, answerGate: undefined, lostAnswers: 0, failure: undefined })
    await site.set({})
  })
  return site
}

export interface Bound { userId?: string, deviceBound: boolean, listed: boolean[] }

/** A browser, with a page of the app. */
export class DeviceVisitor {
  /** The user as whom the visitor logs in, another one in each test. */
  user = `Ada ${randomUUID()}`

  constructor(readonly site: DeviceSite, readonly context: BrowserContext, readonly page: Page) {}

  private get name() { return this.site.name }

  /** Another tab. */
  async tab(origin = this.site.origin): Promise<DeviceVisitor> {
    const page = await this.context.newPage()
    await page.goto(`${origin}/plain`)
    return Object.assign(new DeviceVisitor(this.site, this.context, page), { user: this.user })
  }

  /** Sends a request of the page. */
  ask<T = Bound>(path = '/api/bound', body?: object): Promise<{ status: number, body: T }> {
    return this.page.evaluate(async ([path, body]) => {
      const response = await fetch(path, body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      return { status: response.status, body: await response.json() }
    }, [path, body] as const)
  }

  /** What the app says of this visitor's bound session. */
  get bound(): Bound { return { userId: `user-${this.user}`, deviceBound: true, listed: [true] } }

  async login(): Promise<void> {
    expect(await this.ask('/api/login', { name: this.user })).toMatchObject({ status: 200 })
  }

  /** Logs in, and waits until the browser has registered its key. */
  async bind(): Promise<void> {
    const before = this.site.registrations
    await this.login()
    await expect.poll(() => this.site.registrations, { timeout: TIMEOUT }).toBe(before + 1)
    await expect.poll(async () => (await this.ask()).body.deviceBound, { timeout: TIMEOUT }).toBe(true)
  }

  cookies(): Promise<Cookie[]> {
    return this.context.cookies(this.page.url())
  }

  /** The cookie with the proof. */
  async proof(): Promise<Cookie> {
    const proof = (await this.cookies()).find(({ name }) => name === proofCookieOf(this.name))
    expect(proof).toBeDefined()
    return proof!
  }

  /** As at the end of the proof in this browser. */
  async loseProof(): Promise<void> {
    await this.context.clearCookies({ name: proofCookieOf(this.name) })
  }

  /** A thief's browser and program, with copies of this browser's cookies. */
  async stolen({ isWithProof }: { isWithProof: boolean }): Promise<Thief> {
    const cookies = (await this.cookies()).filter(({ name }) => isWithProof || name === this.name)
    expect(cookies).toHaveLength(isWithProof ? 2 : 1)
    return new Thief(await this.site.visitor(cookies), cookies.map(({ name, value }) => `${name}=${value}`).join('; '))
  }
}

/** Somebody with copies of cookies. */
export class Thief {
  constructor(readonly visitor: DeviceVisitor, private readonly cookie: string) {}

  /** The users as whom the thief is logged in, in a browser and in a program. */
  async users(): Promise<(string | undefined)[]> {
    const program = await this.send('/api/bound')
    const { userId } = await program.json() as Bound
    return [(await this.visitor.ask()).body.userId, userId]
  }

  /** Sends a request of a program, which keeps no cookies. */
  send(path: string, method = 'GET'): Promise<Response> {
    return fetch(this.visitor.site.app.url + path, { method, headers: { 'cookie': this.cookie, 'sec-fetch-site': 'same-origin' } })
  }
}
