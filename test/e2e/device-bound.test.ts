import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../store/support/redis-server'
import { DeviceKey, readChallenge, readRegistration } from '../support/device-key'
import { Browser, DEFAULT_ATTRIBUTES } from './support/browser'
import { buildApp } from './support/build'
import { suiteServer, testPassword, testServer } from './support/server'
import type { Server } from './support/server'
import { STORES } from './support/targets'

const NUXT_SESSION_PASSWORD = testPassword()
const ENV = { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'memory', NUXT_SESSION_DEVICE_BOUND: '{"lifetime":120}' }
const REGISTER = '/api/_session/device/register'
const REFRESH = '/api/_session/device/refresh'

/** A browser that speaks the protocol, as Chromium does. */
class DeviceBrowser extends Browser {
  key!: DeviceKey

  /** Of the session in this browser: browsers keep those of all hosts of a site together. */
  get identifier() { return `h3@${new URL(this.server.url).host}` }

  static async create(server: Server): Promise<DeviceBrowser> {
    return Object.assign(new DeviceBrowser(server), { key: await DeviceKey.create() })
  }

  async login(userId = 'ada', data = {}) {
    const { headers } = await this.ops([{ op: 'regenerate', args: [{ userId, data }] }])
    return readRegistration(headers.get('secure-session-registration'))
  }

  post(path: string, token?: string) {
    return this.request(path, { method: 'POST', headers: { ...token !== undefined && { 'secure-session-response': token }, ...path.startsWith(REFRESH) && { 'sec-secure-session-id': this.identifier } } })
  }

  async bind(userId?: string) {
    const { path, challenge } = (await this.login(userId))!
    return this.post(path, await this.key.registration(challenge))
  }

  async refresh() {
    const asked = await this.post(REFRESH)
    const { challenge } = readChallenge(asked.headers.get('secure-session-challenge'))!
    return { asked, answer: await this.post(REFRESH, await this.key.refresh(challenge)) }
  }

  async userId() {
    return (await this.ops([])).body.userId
  }

  /** A thief with a copy of the cookies. */
  async stolen(...names: string[]) {
    const thief = await DeviceBrowser.create(this.server as Server)
    for (const [name, value] of this.jar) if (names.length === 0 || names.includes(name)) thief.jar.set(name, value)
    return thief
  }

  required() {
    return this.request(`/api/require?options=${encodeURIComponent('{"deviceBound":true}')}`)
  }
}

describe('a session bound to a browser', () => {
  const server = suiteServer('main', ENV)

  it('is registered, proven, renewed and ended', async () => {
    const browser = await DeviceBrowser.create(server)
    const registered = await browser.bind()
    expect(registered.status).toBe(200)
    expect(registered.headers.get('content-type')).toContain('application/json')
    expect(registered.headers.get('cache-control')).toBe('no-store')
    const instructions = {
      session_identifier: browser.identifier,
      refresh_url: expect.stringMatching(/^\/api\/_session\/device\/refresh\?session=Fe26\.2\*\*/),
      scope: { include_site: false, scope_specification: [] },
      credentials: [{ type: 'cookie', name: 'h3-device', attributes: 'Path=/; HttpOnly; Secure; SameSite=Lax' }],
      allowed_refresh_initiators: ['*'],
    }
    expect(registered.body).toEqual(instructions)
    expect(registered.setCookies).toMatchObject([{ name: 'h3-device', attributes: { ...DEFAULT_ATTRIBUTES, 'Max-Age': '120' } }])
    expect(await browser.userId()).toBe('ada')
    expect((await browser.required()).status).toBe(200)

    browser.jar.delete('h3-device')
    const unproven = await browser.ops([])
    expect(unproven.body).toMatchObject({ isNew: true, data: {} })
    expect(unproven.setCookies).toEqual([])
    expect((await browser.required()).body).toMatchObject({ data: { code: 'SESSION_REQUIRED' } })

    // As after a restart, for a link on another site: without the challenge and the cookies.
    const restarted = Object.assign(await DeviceBrowser.create(server), { key: browser.key })
    const kept = registered.body.refresh_url
    const again = readChallenge((await restarted.post(kept)).headers.get('secure-session-challenge'))!
    expect((await restarted.post(kept, await browser.key.refresh(again.challenge))).status).toBe(200)
    for (const forged of [`${REFRESH}?session=forged`, `${REFRESH}?session=a&session=b`, `${REFRESH}?session=${browser.jar.get('h3')}`])
      expect((await restarted.post(forged)).body).toMatchObject({ continue: false })

    const { asked, answer } = await browser.refresh()
    expect([asked.status, asked.setCookies, asked.text]).toEqual([403, [], ''])
    expect([answer.status, answer.body]).toEqual([200, instructions])
    expect(await browser.userId()).toBe('ada')

    await browser.ops([{ op: 'clear' }])
    expect([...browser.jar]).toEqual([])
    const ended = await browser.post(REFRESH)
    expect([ended.status, ended.body]).toEqual([200, { session_identifier: browser.identifier, continue: false }])
  })

  it('is of no use to a thief without the proof, who cannot register or renew either', async () => {
    const browser = await DeviceBrowser.create(server)
    const { path, challenge } = (await browser.login())!
    const before = await browser.stolen('h3')
    const token = await browser.key.registration(challenge)
    expect((await browser.post(path, token)).status).toBe(200)
    const after = await browser.stolen('h3')
    for (const thief of [before, after]) {
      expect(await thief.userId()).toBeUndefined()
      const { status, setCookies, headers } = await thief.post(REGISTER, await thief.key.registration(challenge))
      expect([status, setCookies, headers.get('secure-session-challenge')]).toEqual([403, [], null])
      expect((await thief.post(REGISTER, token)).setCookies).toEqual([])
      const { answer } = await thief.refresh()
      expect([answer.status, answer.setCookies]).toEqual([403, []])
      expect(await thief.userId()).toBeUndefined()
    }
    expect(await browser.userId()).toBe('ada')
  })

  it('stays bound with a new id, and is registered anew at a login', async () => {
    const browser = await DeviceBrowser.create(server)
    await browser.bind()
    await browser.ops([{ op: 'regenerate', args: [{ data: { role: 'admin' } }] }])
    expect((await browser.required()).status).toBe(200)
    browser.jar.delete('h3-device')
    expect((await browser.refresh()).answer.status).toBe(200)
    browser.key = await DeviceKey.create()
    expect((await browser.bind('ada')).status).toBe(200)
    expect((await browser.refresh()).answer.status).toBe(200)
    browser.key = await DeviceKey.create()
    expect((await browser.bind('eve')).status).toBe(200)
    expect(await browser.userId()).toBe('eve')
  })

  it('is not required of browsers without keys, unless a route requires it', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'regenerate', args: [{ userId: 'ada' }] }])
    expect((await browser.ops([])).body.userId).toBe('ada')
    const { status, body } = await browser.request(`/api/require?options=${encodeURIComponent('{"deviceBound":true}')}`)
    expect([status, body]).toMatchObject([401, { data: { code: 'SESSION_DEVICE_REQUIRED' } }])
  })

  it('is not replaced by a write without the proof, while the browser has the key', async () => {
    const browser = await DeviceBrowser.create(server)
    await browser.bind()
    browser.jar.delete('h3-device')
    const write = [{ op: 'update', args: [{ a: 1 }] }]
    const skipped = { headers: { 'secure-session-skipped': `unreachable;session_identifier="${browser.identifier}"` } }
    const refused = await browser.ops(write, skipped)
    expect([refused.body.error, refused.setCookies]).toEqual([expect.objectContaining({ code: 'SESSION_CONFLICT' }), []])
    await browser.refresh()
    expect(await browser.userId()).toBe('ada')
    browser.jar.delete('h3-device')
    expect((await browser.ops(write)).setCookies).toMatchObject([{ name: 'h3' }])
    expect(await browser.userId()).toBeUndefined()
  })

  it('is marked in lists', async () => {
    const browser = await DeviceBrowser.create(server)
    await browser.bind('lister')
    await new Browser(server).ops([{ op: 'regenerate', args: [{ userId: 'lister' }] }])
    const { body } = await browser.request('/api/admin', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ call: 'listSessions', args: [{ userId: 'lister' }] }),
    })
    expect(body.result.sessions.map(({ deviceBound }: { deviceBound: boolean }) => deviceBound).toSorted()).toEqual([false, true])
  })

  it.each([REGISTER, REFRESH])('%s answers nothing but POST, and no unknown session', async (path) => {
    const browser = new Browser(server)
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await browser.request(path, { method })).status).toBe(405)
    expect((await browser.request(`${path}?name=unknown`, { method: 'POST' })).status).toBe(404)
  })
})

describe.runIf(STORES.D1)('a session that is bound in D1', () => {
  const server = suiteServer('main', { ...ENV, NUXT_SESSION_STORAGE: STORES.D1! })

  it('is registered, proven and renewed, and one of many registrations wins', async () => {
    const browser = await DeviceBrowser.create(server)
    const { path, challenge } = (await browser.login())!
    const keys = await Promise.all(Array.from({ length: 5 }, () => DeviceKey.create()))
    const answers = await Promise.all(keys.map(async (key) => {
      const other = Object.assign(await browser.stolen(), { key })
      return { other, status: (await other.post(path, await key.registration(challenge))).status }
    }))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403, 403, 403, 403])
    const { other: winner } = answers.find(({ status }) => status === 200)!
    expect((await winner.required()).status).toBe(200)
    winner.jar.delete('h3-device')
    expect(await winner.userId()).toBeUndefined()
    expect((await winner.refresh()).answer.status).toBe(200)
    expect(await winner.userId()).toBe('ada')
  })
})

describe('without the option', () => {
  it('no login offers a registration, and a cookie session has no endpoint', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD })
    const browser = await DeviceBrowser.create(server)
    expect(await browser.login()).toBeUndefined()
    expect((await browser.post(REGISTER)).status).toBe(404)
  })

  it('a store keeps sessions unbound', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'memory' })
    const browser = await DeviceBrowser.create(server)
    expect(await browser.login()).toBeUndefined()
    expect(await browser.userId()).toBe('ada')
    expect((await browser.post(REGISTER, await browser.key.registration('none'))).status).toBe(403)
  })
})

it('the option without a store fails, and says the fix', async () => {
  const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_DEVICE_BOUND: 'true' })
  const { body } = await new Browser(server).ops([])
  expect(body.error).toMatchObject({ code: 'SESSION_STORE_REQUIRED', message: expect.stringContaining('deviceBound') })
})

describe('two servers on redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    await buildApp('main')
    redis = await RedisServer.start()
  })
  afterAll(() => redis.stop())

  it('bind and prove one session in redis, and one of many registrations wins', async () => {
    const env = { ...ENV, NUXT_SESSION_STORAGE: 'redis', TEST_REDIS_PORT: String(redis.port) }
    const servers = await Promise.all([testServer('main', env), testServer('main', env)])
    const browser = await DeviceBrowser.create(servers[0])
    const { challenge } = (await browser.login())!
    const keys = await Promise.all(Array.from({ length: 10 }, () => DeviceKey.create()))
    const answers = await Promise.all(keys.map(async (key, index) => {
      const other = await browser.stolen()
      other.server = servers[index % 2]!
      return { key, other, status: (await other.post(REGISTER, await key.registration(challenge))).status }
    }))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 403)])
    const { other: winner, key } = answers.find(({ status }) => status === 200)!
    winner.key = key
    for (const server of servers) {
      winner.server = server
      winner.jar.delete('h3-device')
      expect((await winner.refresh()).answer.status).toBe(200)
      expect(await winner.userId()).toBe('ada')
    }
    const asked = await winner.post(REFRESH)
    const token = await key.refresh(readChallenge(asked.headers.get('secure-session-challenge'))!.challenge)
    const replays = await Promise.all(Array.from({ length: 10 }, async (_, index) => {
      const copy = await winner.stolen()
      copy.server = servers[index % 2]!
      return (await copy.post(REFRESH, token)).status
    }))
    expect(replays.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 403)])
  })

  it('answer 503 while the store is down, and log no URL, because it contains a seal', async () => {
    const stopped = await RedisServer.start()
    const server = await testServer('main', { ...ENV, NUXT_SESSION_STORAGE: 'redis', TEST_REDIS_PORT: String(stopped.port), NUXT_SESSION_STORE_TIMEOUT: '300' })
    const browser = await DeviceBrowser.create(server)
    const url: string = (await browser.bind()).body.refresh_url
    expect(url).toContain('Fe26.2')
    await stopped.stop()
    expect(await browser.post(url)).toMatchObject({ status: 503, text: '', setCookies: [] })
    expect(server.log).toContain('SESSION_STORE_UNAVAILABLE')
    expect(server.log).not.toMatch(/Fe26\.2|device\/refresh/)
  })
})
