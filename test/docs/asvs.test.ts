// The lines of OWASP ASVS 5.0 that docs/security.md says are met, in a bare app with the preset `strict`, Redis and the recipes.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../store/support/redis-server'
import type { Answer } from '../e2e/support/browser'
import { openSeal } from '../e2e/support/seals'
import { Server, testPassword, testServer } from '../e2e/support/server'
import { ADA, GRACE, SAME_ORIGIN, Visitor } from './support/visitor'

const password = testPassword()
const NAME = '__Host-Http-session'
const HOUR = 60 * 60 * 1000

const environment = () => ({ NUXT_SESSION_PASSWORD: password, NUXT_REDIS_URL: `redis://127.0.0.1:${redis.port}` })
let redis: RedisServer
let server: Server
beforeAll(async () => {
  redis = await RedisServer.start()
  server = new Server('docs-strict', environment())
  await server.start()
})
afterAll(async () => {
  await redis.stop()
  await server.stop()
})

const loggedIn = (user: object = ADA) => Visitor.loggedIn(server, '/api/login', user)

/** The status of the user's route for a token, which may be stolen. */
async function statusWith(token: string, headers: Record<string, string> = {}): Promise<number> {
  return (await new Visitor(server).request('/api/me', { headers: { cookie: `${NAME}=${token}`, ...headers } })).status
}

/** Changes the times of a session in Redis, as if they were earlier. */
async function age(visitor: Visitor, change: Record<string, number>): Promise<void> {
  const { id } = await openSeal(visitor.jar.get(NAME)!, password)
  const key = `sessions:${createHash('sha256').update(id).digest('hex')}`
  const text = String(await redis.command('GET', key))
  const aged = Object.entries(change).reduce((text, [name, by]) =>
    text.replace(new RegExp(`("${name}":\\s*)(\\d{13})`), (_, before: string, time: string) => `${before}${Number(time) - by}`), text)
  expect(aged).not.toBe(text)
  await redis.command('SET', key, aged, 'KEEPTTL')
}

const cookieOf = ({ setCookies }: Answer) => setCookies.find(({ name }) => name === NAME)!

describe('V3.3', () => {
  it('3.3.1: the cookie is Secure, with the prefix __Host-', async () => {
    const { name, attributes } = cookieOf((await loggedIn()).answer)
    expect([name.startsWith('__Host-'), attributes.Secure]).toEqual([true, true])
  })

  it('3.3.2: the cookie is SameSite, and other origins are refused, also with a login and with a logout', async () => {
    const { visitor, answer } = await loggedIn()
    expect(cookieOf(answer).attributes.SameSite).toBe('Lax')
    const foreign: Record<string, string>[] = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'origin': 'https://attacker.example', 'sec-fetch-site': '' }]
    for (const headers of foreign) {
      for (const path of ['/api/login', '/api/logout', '/api/password', '/nowhere'])
        expect((await visitor.post(path, ADA, headers)).status, path).toBe(403)
    }
    expect((await visitor.request('/api/me')).status).toBe(200)
  })

  it('3.3.3: no other host gets the cookie', async () => {
    const { attributes } = cookieOf((await loggedIn()).answer)
    expect([attributes.Path, 'Domain' in attributes]).toEqual(['/', false])
  })

  it('3.3.4: the token is HttpOnly, only in Set-Cookie, and accepted in no other place', async () => {
    const { visitor, answer } = await loggedIn()
    const { value, attributes } = cookieOf(answer)
    const { id } = await openSeal(value, password)
    expect(attributes.HttpOnly).toBe(true)
    const answers = [answer, ...await Promise.all(['/', '/api/me', '/api/devices', '/api/_session'].map(path => visitor.request(path, { headers: SAME_ORIGIN })))]
    for (const { text, headers } of answers) {
      const shown = text + JSON.stringify([...headers].filter(([name]) => name !== 'set-cookie'))
      for (const secret of [value, decodeURIComponent(value), id]) expect(shown).not.toContain(secret)
    }
    const headers = { 'x-session-session': value, 'x-h3-session': value, [`x-${NAME.toLowerCase()}-session`]: value, 'authorization': `Bearer ${value}` }
    expect(await statusWith('', headers)).toBe(401)
  })

  it('3.3.5: name and value have at most 4096 bytes', async () => {
    const { setCookies } = (await loggedIn()).answer
    for (const { name, value } of setCookies) expect(name.length + value.length).toBeLessThan(500)
  })
})

describe('V7.1 and V7.2', () => {
  it('7.1.1: the log at the start says the lifetimes', () => {
    expect(server.log).toContain('maxAge: 86400, idleTimeout: 3600')
  })

  it('7.1.2: with maxUserSessions, a login beyond it ends the oldest session', async () => {
    const limited = await testServer('docs-strict', { ...environment(), NUXT_SESSION_MAX_USER_SESSIONS: '2' })
    const visitors: Visitor[] = []
    for (let login = 0; login < 3; login++) visitors.push((await Visitor.loggedIn(limited)).visitor)
    expect(await Promise.all(visitors.map(async one => (await one.request('/api/me')).status))).toEqual([401, 200, 200])
  })

  it('7.2.1: the server verifies each token', async () => {
    const { visitor } = await loggedIn()
    const token = visitor.jar.get(NAME)!
    expect(await statusWith(token)).toBe(200)
    const parts = token.split('*')
    for (const at of [1, 2, 3, 4, 6, 7]) {
      const forged = parts.with(at, `${parts[at]!.startsWith('A') ? 'B' : 'A'}${parts[at]!.slice(1)}`).join('*')
      expect(await statusWith(forged), `part ${at}`).toBe(401)
    }
    for (const forged of ['', '1', '{"userId":"1"}', 'Fe26.2', token.slice(0, -1)]) expect(await statusWith(forged), forged).toBe(401)
  })

  it('7.2.2: each session has its own token, and none of another session is accepted', async () => {
    const tokens = await Promise.all(Array.from({ length: 3 }, async () => (await loggedIn()).visitor.jar.get(NAME)!))
    expect(new Set(tokens).size).toBe(3)
    expect((await new Visitor(server).request('/api/me', { headers: { cookie: `cart=${tokens[0]}; session=${tokens[0]}` } })).status).toBe(401)
  })

  it('7.2.3: ids have 256 bits and are unique, and the store does not have them', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await openSeal((await loggedIn()).visitor.jar.get(NAME)!, password)).id))
    expect(new Set(ids).size).toBe(5)
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32)
    const keys = await redis.command('KEYS', '*') as string[]
    for (const id of ids) expect(keys.join(' ')).not.toContain(id)
  })

  it('7.2.4: each login, also a repeated one, ends the previous token', async () => {
    const { visitor } = await loggedIn()
    const tokens = [visitor.jar.get(NAME)!]
    for (const user of [ADA, GRACE]) {
      await visitor.post('/api/login', user)
      tokens.push(visitor.jar.get(NAME)!)
    }
    expect(await Promise.all(tokens.map(token => statusWith(token)))).toEqual([401, 401, 200])
  })
})

describe('V7.3', () => {
  it('7.3.1: a session ends after an hour without a request', async () => {
    const [{ visitor: used }, { visitor: unused }] = [await loggedIn(), await loggedIn()]
    await age(used, { lastSeenAt: HOUR - 60_000 })
    await age(unused, { lastSeenAt: HOUR })
    expect([(await used.request('/api/me')).status, (await unused.request('/api/me')).status]).toEqual([200, 401])
  })

  it('7.3.2: a session ends a day after the login, however much it is used', async () => {
    const [{ visitor: young }, { visitor: old }] = [await loggedIn(), await loggedIn()]
    await age(young, { createdAt: 24 * HOUR - 60_000 })
    await age(old, { createdAt: 24 * HOUR })
    expect([(await young.request('/api/me')).status, (await old.request('/api/me')).status]).toEqual([200, 401])
  })
})

describe('V7.4', () => {
  it('7.4.1: after a logout, neither a copy of the token nor a cache of the browser has the session', async () => {
    for (const logout of [(visitor: Visitor) => visitor.post('/api/logout'), (visitor: Visitor) => visitor.delete('/api/_session')]) {
      const { visitor } = await loggedIn()
      const token = visitor.jar.get(NAME)!
      expect((await visitor.request('/api/me')).headers.get('cache-control')).toContain('private')
      const { headers } = await logout(visitor)
      expect([headers.get('clear-site-data'), visitor.jar.has(NAME), await statusWith(token)]).toEqual(['"cache"', false, 401])
    }
  })

  it('7.4.3: a new password ends all other sessions', async () => {
    const [{ visitor }, { visitor: other }] = [await loggedIn(), await loggedIn()]
    expect((await visitor.post('/api/password', { password: ADA.password })).status).toBe(204)
    expect([(await visitor.request('/api/me')).status, (await other.request('/api/me')).status]).toEqual([200, 401])
  })

  it('7.4.2 and 7.4.5: an administrator ends the sessions of a user with the account', async () => {
    const [{ visitor: admin }, { visitor }, { visitor: tablet }] = [await loggedIn(), await loggedIn(GRACE), await loggedIn(GRACE)]
    expect((await visitor.post('/api/disable', { id: '1' })).status).toBe(403)
    expect((await admin.post('/api/disable', { id: '2' })).status).toBe(204)
    const statuses = await Promise.all([visitor, tablet, admin].map(async one => (await one.request('/api/me')).status))
    expect([...statuses, (await visitor.post('/api/login', GRACE)).status]).toEqual([401, 401, 200, 401])
  })

  it('7.4.5: an administrator ends the sessions of all users', async () => {
    const [{ visitor: admin }, { visitor }] = [await loggedIn(), await loggedIn()]
    expect((await new Visitor(server).post('/api/incident')).status).toBe(401)
    expect((await admin.post('/api/incident')).status).toBe(204)
    expect(await Promise.all([admin, visitor].map(async one => (await one.request('/api/me')).status))).toEqual([401, 401])
    expect((await loggedIn()).answer.status).toBe(200)
  })
})

describe('V7.5', () => {
  it('7.5.1 and 7.5.3: what a login depends on changes only after a recent login', async () => {
    const { visitor } = await loggedIn()
    await age(visitor, { authenticatedAt: 11 * 60_000 })
    for (const path of ['/api/email', '/api/password']) {
      const { status, body } = await visitor.post(path, { email: 'a@example.com', password: ADA.password })
      expect([status, body.data], path).toEqual([401, { code: 'SESSION_REAUTHENTICATION_REQUIRED' }])
    }
    expect((await visitor.request('/api/me')).status).toBe(200)
    await visitor.post('/api/login', ADA)
    expect((await visitor.post('/api/email', { email: 'a@example.com' })).status).toBe(200)
  })

  it('7.5.2: users see their sessions, and end each of them after a recent login', async () => {
    const [{ visitor }, { visitor: other }] = [await loggedIn(), await loggedIn()]
    const devices = (await other.request('/api/devices')).body as { handle: string, isThis: boolean }[]
    const { handle } = devices.find(({ isThis }) => isThis)!
    await age(visitor, { authenticatedAt: 11 * 60_000 })
    expect((await visitor.delete(`/api/devices/${handle}`)).status).toBe(401)
    await visitor.post('/api/login', ADA)
    expect((await visitor.delete(`/api/devices/${handle}`)).body).toEqual({ wasAlive: true })
    expect((await other.request('/api/me')).status).toBe(401)
  })
})

describe('V7.6', () => {
  it('7.6.2: no session begins before a login', async () => {
    await redis.command('FLUSHALL')
    for (const path of ['/', '/api/me', '/api/devices', '/api/_session', '/nowhere'])
      expect((await new Visitor(server).request(path, { headers: SAME_ORIGIN })).setCookies, path).toEqual([])
    expect((await new Visitor(server).post('/api/login', { ...ADA, password: 'wrong' })).setCookies).toEqual([])
    expect(await redis.command('KEYS', '*')).toEqual([])
  })
})
