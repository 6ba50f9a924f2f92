import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES } from './support/browser'
import { openSeal, payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()

describe('regenerate', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_MAX_AGE: '1000' })

  async function browserWith(session: Record<string, unknown>) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload(session), NUXT_SESSION_PASSWORD))
    return browser
  }

  it('sets a new id and keeps data and createdAt if no user is bound', async () => {
    const createdAt = Date.now() - 500_000
    const browser = await browserWith({ id: 'old', createdAt, data: { cart: 1 } })
    const { body, setCookies } = await browser.ops([{ op: 'regenerate' }])
    expect(body.id).toMatch(/^[\w-]{43}$/)
    expect(body).toMatchObject({ createdAt, data: { cart: 1 } })
    expect(setCookies).toHaveLength(1)
  })

  it('binds a user with new createdAt and authenticatedAt, in one commit', async () => {
    const browser = await browserWith({ id: 'old', createdAt: Date.now() - 500_000, data: { cart: 1 } })
    const before = Date.now()
    const { body, setCookies } = await browser.ops([{ op: 'regenerate', args: [{ userId: 'u1', data: { role: 'admin' } }] }])
    expect(body).toMatchObject({ userId: 'u1', data: { cart: 1, role: 'admin' } })
    expect(body.createdAt).toBeGreaterThanOrEqual(before)
    expect(body.authenticatedAt).toBe(body.createdAt)
    expect(body.expiresAt).toBe(body.createdAt! + 1_000_000)
    expect(setCookies).toHaveLength(1)
    expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ id: body.id, userId: 'u1' })
    expect((await browser.ops([])).body).toEqual({ ...body, isNew: false, results: [] })
  })

  it('drops the data of another user, unless keepData is set', async () => {
    const login = { op: 'regenerate', args: [{ userId: 'u2', data: { b: 2 } }] }
    const dropped = await (await browserWith({ userId: 'u1', data: { a: 1 } })).ops([login])
    expect(dropped.body).toMatchObject({ userId: 'u2', data: { b: 2 } })
    expect(dropped.body.data).not.toHaveProperty('a')
    const kept = await (await browserWith({ userId: 'u1', data: { a: 1 } })).ops([{ op: 'regenerate', args: [{ userId: 'u2', keepData: true }] }])
    expect(kept.body.data).toEqual({ a: 1 })
    const same = await (await browserWith({ userId: 'u1', data: { a: 1 } })).ops([{ op: 'regenerate', args: [{ userId: 'u1' }] }])
    expect(same.body.data).toEqual({ a: 1 })
  })

  it('maxAge is sealed in and governs later requests', async () => {
    const browser = new Browser(server)
    const { body, setCookies } = await browser.ops([{ op: 'regenerate', args: [{ userId: 'u1', maxAge: 5000 }] }])
    expect(body.expiresAt).toBe(body.createdAt! + 5_000_000)
    expect(Date.parse(String(setCookies[0]!.attributes.Expires))).toBe(Math.floor(body.expiresAt! / 1000) * 1000)
    const later = await browser.ops([{ op: 'update', args: [{ a: 1 }] }])
    expect(later.body.expiresAt).toBe(body.expiresAt)
    expect(later.setCookies[0]!.attributes.Expires).toBe(setCookies[0]!.attributes.Expires)
  })

  it('maxAge is at most 400 days', async () => {
    const { body } = await new Browser(server).ops([{ op: 'regenerate', args: [{ userId: 'u1', maxAge: 10 ** 9 }] }])
    expect(body.expiresAt).toBe(body.createdAt! + 400 * 86_400_000)
  })

  it('a session older than the configured maxAge ends by its own maxAge', async () => {
    const createdAt = Date.now() - 2_000_000
    expect((await (await browserWith({ createdAt, maxAge: 5000 })).ops([])).body).toMatchObject({ isNew: false, data: { from: 'test' } })
    expect((await (await browserWith({ createdAt, maxAge: 1999 })).ops([])).body).toMatchObject({ isNew: true, data: {} })
  })

  it.each([[''], [42], [null], [{}]])('the userId %j is rejected and changes nothing', async (userId) => {
    const browser = await browserWith({ id: 'old', data: { a: 1 } })
    const { body, setCookies } = await browser.ops([{ op: 'attempt', args: ['regenerate', { userId }] }])
    expect(body).toMatchObject({ results: ['SESSION_CONFIG_INVALID'], id: 'old', data: { a: 1 } })
    expect(setCookies).toEqual([])
  })
})

describe('regenerate with an idleTimeout of its own', () => {
  const MINUTE = 60_000
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '60' })
  const login = (idleTimeout: number | false) => new Browser(server).ops([{ op: 'regenerate', args: [{ userId: 'u1', idleTimeout }] }])

  /** Reads a session that was last used some time ago. */
  async function readAfter(pause: number, own: { idleTimeout?: number | false }) {
    const [browser, lastSeenAt] = [new Browser(server), Date.now() - pause]
    browser.jar.set('h3', await sealPayload(payload({ userId: 'u1', name: 'h3', createdAt: lastSeenAt, lastSeenAt, ...own }), NUXT_SESSION_PASSWORD))
    return browser.ops([])
  }

  it('seals it in', async () => {
    const { body, setCookies } = await login(3600)
    expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ userId: 'u1', idleTimeout: 3600 })
    // The last use may be a millisecond after the creation.
    expect(Math.round((body.expiresAt! - body.createdAt!) / 1000)).toBe(3600)
    expect(Date.parse(String(setCookies[0]!.attributes.Expires))).toBe(Math.floor(body.expiresAt! / 1000) * 1000)
  })

  it('ends and renews the session by it, and not by the configured one', async () => {
    const own = { idleTimeout: 3600 }
    const untouched = await readAfter(29 * MINUTE, own)
    expect([untouched.body.userId, untouched.setCookies]).toEqual(['u1', []])
    const before = Date.now()
    const renewed = await readAfter(31 * MINUTE, own)
    expect(renewed.body.userId).toBe('u1')
    expect(await openSeal(renewed.setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject(own)
    expect(renewed.body.expiresAt).toBeGreaterThanOrEqual(before + 60 * MINUTE)
    expect((await readAfter(60 * MINUTE, own)).body).toMatchObject({ isNew: true, data: {} })
    expect((await readAfter(2 * MINUTE, {})).body).toMatchObject({ isNew: true, data: {} })
  })

  it('never ends an unused session with false', async () => {
    const { body, setCookies } = await login(false)
    expect([body.expiresAt, setCookies[0]!.attributes]).toEqual([undefined, DEFAULT_ATTRIBUTES])
    const later = await readAfter(30 * 24 * 60 * MINUTE, { idleTimeout: false })
    expect([later.body.userId, later.setCookies]).toEqual(['u1', []])
  })
})
