import { beforeAll, describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, visit } from './support/browser'
import type { Answer } from './support/browser'
import { buildApp } from './support/build'
import { openSeal, payload, sealPayload, withIterations } from './support/seals'
import { testPassword, testServer } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()

beforeAll(() => buildApp('main'))

function configured(env: Record<string, string>) {
  return testServer('main', { NUXT_SESSION_PASSWORD, ...env })
}

function expiresIn(answer: Answer): number {
  return Date.parse(String(answer.setCookies[0]?.attributes.Expires)) - Date.now()
}

describe('options from the environment of the built server', () => {
  it('PASSWORD seals the sessions', async () => {
    const { setCookies } = await visit(await configured({}), '/api/count')
    expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ data: { count: 1 } })
  })

  it('NAME names cookie and header, and keeps its case', async () => {
    const server = await configured({ NUXT_SESSION_NAME: 'MyApp_Session' })
    const { setCookies, headers } = await visit(server, '/api/count')
    expect(setCookies.map(cookie => cookie.name)).toEqual(['MyApp_Session'])
    expect(headers.get('vary')?.toLowerCase()).toContain('x-myapp_session-session')
    const again = await visit(server, '/api/count', { 'x-myapp_session-session': decodeURIComponent(setCookies[0]!.value) })
    expect(again.body.count).toBe(2)
  })

  it('NAME can look like a number', async () => {
    const { setCookies } = await visit(await configured({ NUXT_SESSION_NAME: '2026' }), '/api/count')
    expect(setCookies.map(cookie => cookie.name)).toEqual(['2026'])
  })

  it('MAX_AGE ends cookie and session', async () => {
    const server = await configured({ NUXT_SESSION_MAX_AGE: '600' })
    const fresh = await visit(server, '/api/count')
    expect(fresh.setCookies[0]!.attributes).toEqual({ ...DEFAULT_ATTRIBUTES, Expires: expect.any(String) })
    expect(Math.abs(expiresIn(fresh) - 600_000)).toBeLessThan(5_000)
    for (const [age, count] of [[590, 6], [601, 1]] as const) {
      const token = await sealPayload(payload({ createdAt: Date.now() - age * 1000, data: { count: 5 } }), NUXT_SESSION_PASSWORD)
      expect((await visit(server, '/api/count', { cookie: `h3=${token}` })).body.count, `${age} seconds old`).toBe(count)
    }
  })

  it('IDLE_TIMEOUT slides: ended after it, renewed after half of it, untouched before', async () => {
    const server = await configured({ NUXT_SESSION_IDLE_TIMEOUT: '100' })
    const idleFor = async (seconds: number) => {
      const now = Date.now()
      const session = payload({ createdAt: now - 1_000_000, lastSeenAt: now - seconds * 1000, data: { count: 5 } })
      return visit(server, '/api/visit', { cookie: `h3=${await sealPayload(session, NUXT_SESSION_PASSWORD)}` })
    }
    expect((await idleFor(40))).toMatchObject({ body: { data: { count: 5 } }, setCookies: [] })
    const renewed = await idleFor(60)
    expect(renewed.body.data).toEqual({ count: 5 })
    expect(renewed.setCookies).toHaveLength(1)
    expect(Math.abs(expiresIn(renewed) - 100_000)).toBeLessThan(5_000)
    expect((await idleFor(101)).body.data).toEqual({})
  })

  it('IDLE_TIMEOUT counts from createdAt if a seal has no last use', async () => {
    const server = await configured({ NUXT_SESSION_IDLE_TIMEOUT: '100' })
    for (const [age, data] of [[90, { a: 1 }], [101, {}]] as const) {
      const token = await sealPayload(payload({ createdAt: Date.now() - age * 1000, data: { a: 1 } }), NUXT_SESSION_PASSWORD)
      expect((await visit(server, '/api/visit', { cookie: `h3=${token}` })).body.data).toEqual(data)
    }
  })

  it('SESSION_HEADER names the header, false ignores every header', async () => {
    const token = await sealPayload(payload({ data: { count: 5 } }), NUXT_SESSION_PASSWORD)
    const named = await configured({ NUXT_SESSION_SESSION_HEADER: 'X-Token' })
    expect((await visit(named, '/api/count', { 'x-token': token })).body.count).toBe(6)
    expect((await visit(named, '/api/count', { 'x-h3-session': token })).body.count).toBe(1)
    const ignored = await configured({ NUXT_SESSION_SESSION_HEADER: 'false' })
    expect((await visit(ignored, '/api/count', { 'x-h3-session': token })).body.count).toBe(1)
  })

  it('SAVE_UNINITIALIZED=false sends nothing before the first write and needs no cookie', async () => {
    const server = await configured({ NUXT_SESSION_SAVE_UNINITIALIZED: 'false' })
    const read = await visit(server, '/api/visit')
    expect(read).toMatchObject({ status: 200, setCookies: [], body: { data: {} } })
    const browser = new Browser(server)
    expect((await browser.ops([{ op: 'view' }, { op: 'clear' }])).setCookies.map(cookie => cookie.value).join('')).toBe('')
    expect((await browser.ops([{ op: 'update', args: [{ a: 1 }] }])).setCookies).toHaveLength(1)
    expect((await browser.ops([])).body.data).toEqual({ a: 1 })
  })

  it('ACCEPT_UNNAMED=false rejects seals without a name', async () => {
    const server = await configured({ NUXT_SESSION_ACCEPT_UNNAMED: 'false' })
    for (const [name, count] of [[undefined, 1], ['h3', 6]] as const) {
      const token = await sealPayload(payload({ name, data: { count: 5 } }), NUXT_SESSION_PASSWORD)
      expect((await visit(server, '/api/count', { cookie: `h3=${token}` })).body.count).toBe(count)
    }
  })

  it('SEAL_… sets iron\'s iterations, and LEGACY_SEAL_FALLBACK accepts one iteration beside them', async () => {
    const env = { NUXT_SESSION_SEAL_ENCRYPTION_ITERATIONS: '20', NUXT_SESSION_SEAL_INTEGRITY_ITERATIONS: '20' }
    const { setCookies } = await visit(await configured(env), '/api/count')
    await expect(openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).rejects.toThrow('Bad hmac value')
    expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD, withIterations(20))).toMatchObject({ data: { count: 1 } })

    const token = await sealPayload(payload({ data: { count: 5 } }), NUXT_SESSION_PASSWORD)
    expect((await visit(await configured(env), '/api/count', { cookie: `h3=${token}` })).body.count).toBe(1)
    const fallback = await configured({ ...env, NUXT_SESSION_LEGACY_SEAL_FALLBACK: 'true' })
    const answer = await visit(fallback, '/api/count', { cookie: `h3=${token}` })
    expect(answer.body.count).toBe(6)
    expect(await openSeal(answer.setCookies[0]!.value, NUXT_SESSION_PASSWORD, withIterations(20))).toMatchObject({ data: { count: 6 } })
  })

  it('CACHE_HEADERS=false does not change Cache-Control and Vary', async () => {
    const on = await visit(await configured({}), '/api/count')
    expect(on.headers.get('cache-control')).toBe('no-store')
    expect(on.headers.get('vary')?.toLowerCase().split(', ')).toEqual(expect.arrayContaining(['cookie', 'x-h3-session']))
    const { headers } = await visit(await configured({ NUXT_SESSION_CACHE_HEADERS: 'false' }), '/api/count')
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual([null, null])
  })

  it('a call\'s config wins over the environment, key by key', async () => {
    const password = testPassword()
    const server = await configured({ NUXT_SESSION_NAME: 'app', NUXT_SESSION_MAX_AGE: '600', NUXT_SESSION_COOKIE_PATH: '/api', NUXT_SESSION_COOKIE_SAME_SITE: 'strict' })
    server.secrets.add(password)
    const answer = await new Browser(server).ops([{ op: 'update', args: [{ a: 1 }] }], {
      config: { name: 'call', password, maxAge: 60, cookie: { sameSite: 'lax' } },
    })
    expect(answer.setCookies[0]).toMatchObject({ name: 'call', attributes: { Path: '/api', SameSite: 'Lax' } })
    expect(Math.abs(expiresIn(answer) - 60_000)).toBeLessThan(5_000)
    expect(await openSeal(answer.setCookies[0]!.value, password)).toMatchObject({ data: { a: 1 } })
  })
})
