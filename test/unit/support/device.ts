import { answerDevice } from '../../../src/runtime/core/session/device/endpoint'
import type { DeviceAnswer } from '../../../src/runtime/core/session/device/endpoint'
import type { DeviceStep } from '../../../src/runtime/core/device/instructions'
import { FailedAttempts } from '../../../src/runtime/core/device/failed-attempts'
import type { RegenerateOptions, SessionConfig, SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import { createEs256 } from '../../../src/runtime/server/crypto/es256'
import { DeviceKey, readChallenge, readRegistration } from '../../support/device-key'
import type { TestApp, TestBrowser } from './app'
import { storedApp } from './stored'
import { FakeTransport } from './transport'
import type { FakeRequest } from './transport'

export function boundApp(config: SessionRuntimeConfig = {}): TestApp {
  return storedApp({ deviceBound: true, ...config })
}

/** Tests count its calls. */
export const es256 = { verify: createEs256() }

const attempts = new WeakMap<TestApp, FailedAttempts>()

/** A new process of the app, with the same store. */
export function restart(app: TestApp): FailedAttempts {
  const fresh = new FailedAttempts()
  attempts.set(app, fresh)
  return fresh
}

export const IDENTIFIER = 'h3@app.example'

/** A request to the endpoint of devices, with the given cookies. */
export async function ask(app: TestApp, step: DeviceStep, token: string | undefined, request: FakeRequest = {}, config?: SessionConfig, named?: string): Promise<DeviceAnswer & { transport: FakeTransport }> {
  const headers = { ...token !== undefined && { 'secure-session-response': token }, ...request.headers }
  const transport = new FakeTransport({ ...request, headers })
  const resolved = app.resolve(config)
  const answer = await answerDevice({
    step, env: app.env, transport, config: resolved, persistence: app.env.persistenceOf(resolved),
    verify: (...args) => es256.verify(...args),
    attempts: attempts.get(app) ?? restart(app),
    identifier: IDENTIFIER,
    named,
    isOwnAudience: audience => audience.startsWith('https://app.example/'),
  })
  return { ...answer, transport }
}

/** What the URL of a browser's renewals says of its session. */
export function nameIn({ body }: DeviceAnswer): string {
  return new URLSearchParams((body as { refresh_url: string }).refresh_url.split('?')[1]).get('session')!
}

/** A browser with a key, as Chromium: it registers after a login, and renews its proof. */
export class DeviceBrowser {
  readonly visit: TestBrowser['visit']
  readonly jar: TestBrowser['jar']
  /** The challenge for the next renewal. */
  challenge: string | undefined
  /** What the URL of the next renewal says of the session. */
  named: string | undefined

  constructor(readonly app: TestApp, public key: DeviceKey, readonly browser = app.browser()) {
    this.visit = browser.visit.bind(browser)
    this.jar = browser.jar
  }

  static async create(app: TestApp): Promise<DeviceBrowser> {
    return new DeviceBrowser(app, await DeviceKey.create())
  }

  get cookie() { return this.jar.header(this.app.env.time) }

  /** Logs in, and returns what the response asks the browser to register. */
  async offer(options: RegenerateOptions = { userId: 'ada' }, config?: SessionConfig) {
    const { transport } = await this.visit(async ({ use }) => (await use(config)).regenerate(options))
    return readRegistration(transport.responseHeaders['secure-session-registration'])
  }

  async send(step: DeviceStep, token: string | undefined, request: FakeRequest = {}) {
    const answer = await ask(this.app, step, token, { cookie: this.cookie, ...request }, undefined, step === 'refresh' ? this.named : undefined)
    if (answer.body && 'refresh_url' in answer.body) this.named = nameIn(answer)
    this.jar.receive(answer.transport.setCookies(), this.app.env.time)
    this.challenge = readChallenge(answer.transport.responseHeaders['secure-session-challenge'])?.challenge ?? this.challenge
    return answer
  }

  /** Logs in and registers the key. */
  async bind(options?: RegenerateOptions) {
    const offer = await this.offer(options)
    return this.send('register', await this.key.registration(offer!.challenge))
  }

  /** Renews the proof, by the challenge of the last answer, else by a new one. */
  async refresh() {
    if (this.challenge === undefined) await this.send('refresh', undefined)
    const first = await this.send('refresh', await this.key.refresh(this.challenge!))
    return first.status === 403 ? this.send('refresh', await this.key.refresh(this.challenge!)) : first
  }

  async see(request: FakeRequest = {}) {
    const { result } = await this.visit(async ({ open }) => {
      const { userId, deviceBound } = await open()
      return { userId, deviceBound }
    }, request)
    return result
  }
}

/** What a visitor without a session sees. */
export const NOBODY = { userId: undefined, deviceBound: false }

/** A thief with a copy of a browser's cookies, or of some of them. */
export async function steal(app: TestApp, cookie: string) {
  const thief = app.browser()
  for (const pair of cookie.split('; ').filter(Boolean)) {
    const at = pair.indexOf('=')
    thief.jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return new DeviceBrowser(app, await DeviceKey.create(), thief)
}
