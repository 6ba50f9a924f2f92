import { defaults, unseal } from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { CONFIG_DEFAULTS } from '../../../src/runtime/core/config/resolve'
import { createClock, createSessionCookie } from '../../../src/testing'
import { OLD_PASSWORD, openSeal, PASSWORD, TestApp, webCrypto } from '../support/app'
import { cookieFor, visitWith } from './support'

const HOUR = 60 * 60 * 1000

describe('the cookie of a session', () => {
  it('is the same as the module sends', async () => {
    const app = new TestApp({ maxAge: 3600, idleTimeout: 600 })
    const browser = app.browser()
    const { lines } = await browser.visit(async ({ open }) => (await open()).regenerate({ userId: 'ada', data: { visits: 1 } }))
    const made = await cookieFor(app, { visits: 1 }, { id: 'id-2', userId: 'ada', maxAge: 3600, idleTimeout: 600 })
    expect(await openSeal(made.token)).toEqual(await openSeal(browser.jar.get('h3')))
    expect(made.browserCookies('https://shop.example')[0]).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
    expect(lines[0]).toContain('; HttpOnly; Secure; SameSite=Lax')
    // The end in the seal is exact, as on a server with Node.
    expect(made.token.split('*')[5]).toBe(String(app.env.time + 600_000))
  })

  it('is opened by the module, and by iron', async () => {
    const app = new TestApp()
    const cookie = await cookieFor(app, { user: { name: 'Ada' } })
    expect(await visitWith(app, cookie)).toMatchObject({ id: cookie.id, isNew: false, data: { user: { name: 'Ada' } }, userId: undefined, createdAt: app.env.time })
    expect(await openSeal(cookie.token)).toEqual({ id: cookie.id, name: 'h3', createdAt: app.env.time, data: { user: { name: 'Ada' } } })
    expect(cookie.id).toMatch(/^[\w-]{43}$/)
    expect(cookie).toMatchObject({ header: `h3=${cookie.token}`, cookies: [{ name: 'h3', value: cookie.token }] })
  })

  it('needs only a password', async () => {
    const before = Date.now()
    const { createdAt } = await openSeal((await createSessionCookie({}, { password: PASSWORD })).token)
    expect(createdAt).toBeGreaterThanOrEqual(before)
    expect(createdAt).toBeLessThanOrEqual(Date.now())
  })

  it('also works as the session\'s header', async () => {
    const app = new TestApp()
    const { token, id } = await cookieFor(app, { by: 'header' })
    const { result } = await app.browser().visit(async ({ use }) => (await use()).id, { headers: { 'x-h3-session': token } })
    expect(result).toBe(id)
  })

  it('with a userId has a user who logged in at the start of the session', async () => {
    const app = new TestApp()
    const session = await visitWith(app, await cookieFor(app, {}, { userId: 'ada', createdAt: app.env.time - HOUR }))
    expect(session).toMatchObject({ userId: 'ada', createdAt: app.env.time - HOUR, authenticatedAt: app.env.time - HOUR })
    const again = await visitWith(app, await cookieFor(app, {}, { userId: 'ada', createdAt: app.env.time - HOUR, authenticatedAt: app.env.time - 1 }))
    expect(again.authenticatedAt).toBe(app.env.time - 1)
  })

  it('contains values for the next flash()', async () => {
    const app = new TestApp()
    const cookie = await cookieFor(app, {}, { flash: { notice: 'Saved' } })
    const { result } = await app.browser().visit(async ({ use }) => (await use()).flash('notice'), { cookie: cookie.header })
    expect(result).toBe('Saved')
  })

  it('is for the session with the name', async () => {
    const app = new TestApp({ named: { cart: {} } })
    const cookie = await cookieFor(app, { items: 1 }, { name: 'cart' })
    expect(cookie.header).toMatch(/^cart=Fe26/)
    const { result } = await app.browser().visit(async ({ use }) => (await use({ name: 'cart' })).data.items, { cookie: cookie.header })
    expect(result).toBe(1)
  })

  it('is split into chunks like the module\'s', async () => {
    const app = new TestApp()
    const cookie = await cookieFor(app, { text: 'x'.repeat(4000) })
    expect(cookie.cookies.map(({ name }) => name)).toEqual(['h3', 'h3.1', 'h3.2'])
    expect(cookie.header).toMatch(/^h3=__chunked__2; h3\.1=Fe26[^;]+; h3\.2=[^;]+$/)
    expect((await visitWith(app, cookie)).data.text).toHaveLength(4000)
    const small = await cookieFor(app, { text: 'x'.repeat(300) }, { cookie: { chunkMaxLength: 200 } })
    expect(small.cookies.length).toBeGreaterThan(2)
    expect((await visitWith(app, small)).data.text).toHaveLength(300)
  })

  it('does not exist with cookie: false', async () => {
    const cookie = await cookieFor(new TestApp(), {}, { cookie: false })
    expect(cookie).toMatchObject({ header: '', cookies: [], token: expect.stringMatching(/^Fe26/) })
    expect(cookie.browserCookies('http://localhost')).toEqual([])
  })

  it('is sealed with the first of several passwords', async () => {
    const { token } = await createSessionCookie({}, { password: [PASSWORD, OLD_PASSWORD] })
    await expect(openSeal(token)).resolves.toBeDefined()
    const { result } = await new TestApp({ password: [OLD_PASSWORD, PASSWORD] }).browser()
      .visit(async ({ use }) => (await use()).isNew, { cookie: `h3=${(await createSessionCookie({}, { password: PASSWORD, now: () => Date.UTC(2031, 0, 1) })).token}` })
    expect(result).toBe(false)
  })

  it('is sealed with the app\'s number of iterations', async () => {
    const part = { iterations: 8192 }
    const seal = { encryption: { ...defaults.encryption, ...part }, integrity: { ...defaults.integrity, ...part } }
    const app = new TestApp({ seal })
    const cookie = await cookieFor(app, { at: 8192 }, { seal })
    expect((await visitWith(app, cookie)).data).toEqual({ at: 8192 })
    await expect(unseal(webCrypto, cookie.token, PASSWORD, { ...defaults, ...seal })).resolves.toMatchObject({ data: { at: 8192 } })
    await expect(openSeal(cookie.token)).rejects.toThrow()
  })
})

describe('a session of the past', () => {
  it('is rejected at the end of its maxAge, and accepted a millisecond before', async () => {
    const app = new TestApp({ maxAge: 3600 })
    expect(await visitWith(app, await cookieFor(app, {}, { maxAge: 3600, createdAt: app.env.time - HOUR + 1 }))).toMatchObject({ isNew: false, expiresAt: app.env.time + 1 })
    expect(app.env.reasons).toEqual([])
    expect(await visitWith(app, await cookieFor(app, {}, { maxAge: 3600, createdAt: app.env.time - HOUR }))).toMatchObject({ isNew: true })
    expect(app.env.reasons).toEqual(['expired'])
  })

  it('is rejected by the app\'s maxAge even if the helper did not get it', async () => {
    const app = new TestApp({ maxAge: 3600 })
    await visitWith(app, await cookieFor(app, {}, { createdAt: app.env.time - HOUR }))
    expect(app.env.reasons).toEqual(['expired'])
  })

  it('was last used at now(), so a clock can end its idle timeout', async () => {
    const app = new TestApp({ idleTimeout: 600 })
    const clock = createClock(app.env.time)
    const options = { idleTimeout: 600, now: clock.now }
    clock.advance(-600_000 + 1)
    expect(await visitWith(app, await cookieFor(app, {}, options))).toMatchObject({ isNew: false })
    clock.advance(-1)
    expect(await visitWith(app, await cookieFor(app, {}, options))).toMatchObject({ isNew: true })
    expect(app.env.reasons).toEqual(['idle'])
    const old = await cookieFor(app, {}, { idleTimeout: 600, createdAt: app.env.time - 30 * HOUR })
    expect(await visitWith(app, old), 'old, and in use').toMatchObject({ isNew: false })
  })

  it('is rejected after 400 days in any case', async () => {
    const app = new TestApp()
    await visitWith(app, await cookieFor(app, {}, { createdAt: app.env.time - 400 * 24 * HOUR }))
    expect(app.env.reasons).toEqual(['expired'])
  })

  it('with its own lifetime outlives the app\'s', async () => {
    const app = new TestApp({ maxAge: 3600 })
    const options = { maxAge: 3600, createdAt: app.env.time - 2 * HOUR }
    expect(await visitWith(app, await cookieFor(app, {}, { ...options, ownMaxAge: 3 * 3600 }))).toMatchObject({ isNew: false, expiresAt: app.env.time + HOUR })
    expect(await visitWith(app, await cookieFor(app, {}, options))).toMatchObject({ isNew: true })
  })
})

describe('a mistake throws with its code and the fix', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle

  it.each([
    ['no password', {}, { password: undefined }, 'SESSION_PASSWORD_MISSING', /option password/],
    ['an empty password', {}, { password: '' }, 'SESSION_PASSWORD_MISSING', /option password/],
    ['no passwords', {}, { password: [] }, 'SESSION_PASSWORD_MISSING', /password/],
    ['a short password', {}, { password: 'short' }, 'SESSION_PASSWORD_WEAK', /5 characters/],
    ['five passwords', {}, { password: Array.from({ length: 5 }, () => PASSWORD) }, 'SESSION_CONFIG_INVALID', /at most 4/],
    ['an invalid cookie name', {}, { name: 'a b' }, 'SESSION_CONFIG_INVALID', /not a valid cookie name/],
    ['a cookie that browsers refuse', {}, { cookie: { sameSite: 'none', secure: false } }, 'SESSION_CONFIG_INVALID', /Secure/],
    ['a Map in the data', { map: new Map() }, {}, 'SESSION_NOT_SERIALIZABLE', /data\.map is of type Map/],
    ['a circle in the data', circle, {}, 'SESSION_NOT_SERIALIZABLE', /contains itself/],
    ['data that is not an object', 'text', {}, 'SESSION_NOT_SERIALIZABLE', /must be an object/],
    ['an array as data', [], {}, 'SESSION_NOT_SERIALIZABLE', /must be an object/],
    ['a function in a flash', {}, { flash: { notice: () => 1 } }, 'SESSION_NOT_SERIALIZABLE', /flash\.notice is a function/],
    ['data too large for the cookies', { text: 'x'.repeat(6000) }, {}, 'SESSION_TOO_LARGE', /cookie\.maxBytes allows 7168/],
    ['data too large for a token', { text: 'x'.repeat(20_000) }, { cookie: { maxBytes: 100_000 } }, 'SESSION_TOO_LARGE', /the maximum is 16384/],
    ['a number as userId', {}, { userId: 7 }, 'SESSION_CONFIG_INVALID', /String\(user\.id\)/],
    ['an empty userId', {}, { userId: '' }, 'SESSION_CONFIG_INVALID', /userId ""/],
    ['an empty id', {}, { id: '' }, 'SESSION_CONFIG_INVALID', /the id ""/],
    ['authenticatedAt without a user', {}, { authenticatedAt: 1 }, 'SESSION_CONFIG_INVALID', /without a userId/],
    ['a date as createdAt', {}, { createdAt: new Date() }, 'SESSION_CONFIG_INVALID', /createdAt of type object/],
    ['NaN as createdAt', {}, { createdAt: Number.NaN }, 'SESSION_CONFIG_INVALID', /createdAt NaN/],
    ['a number instead of a clock', {}, { now: 7 }, 'SESSION_CONFIG_INVALID', /clock\.now/],
    ['a clock with an invalid time', {}, { now: () => Number.NaN }, 'SESSION_CONFIG_INVALID', /now\(\) NaN/],
    ['a negative ownMaxAge', {}, { ownMaxAge: -1 }, 'SESSION_CONFIG_INVALID', /ownMaxAge -1/],
    ['the name of a mount as storage', {}, { storage: 'sessions' }, 'SESSION_CONFIG_INVALID', /unstorage driver/],
  ])('%s', async (_, data, options, code, message) => {
    const making = createSessionCookie(data as object, { password: PASSWORD, ...options } as never)
    await expect(making).rejects.toMatchObject({ name: 'SessionError', code, message: expect.stringMatching(message) })
    await expect(making).rejects.not.toThrow(PASSWORD)
  })

  it('no options at all', async () => {
    await expect(createSessionCookie({}, undefined as never)).rejects.toMatchObject({ code: 'SESSION_PASSWORD_MISSING' })
  })
})

it('a key __proto__ in the data changes no prototype', async () => {
  const app = new TestApp()
  const cookie = await cookieFor(app, JSON.parse('{"__proto__":{"isAdmin":true},"name":"Ada"}'))
  expect((await visitWith(app, cookie)).data).toEqual({ name: 'Ada' })
})

it('has the defaults of the module', async () => {
  const app = new TestApp()
  const { name, cookie: { path, maxBytes } } = CONFIG_DEFAULTS
  const cookie = await cookieFor(app)
  expect(cookie.cookies[0]!.name).toBe(name)
  expect(cookie.browserCookies('http://localhost')[0]!.path).toBe(path)
  await expect(cookieFor(app, { text: 'x'.repeat(maxBytes) })).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' })
})

it('has the name and the lifetimes of the preset of the app', async () => {
  const app = new TestApp({ preset: 'strict' })
  const cookie = await cookieFor(app, { user: 'ada' }, { preset: 'strict' })
  expect(cookie.cookies[0]!.name).toBe('__Host-Http-session')
  expect(await visitWith(app, cookie)).toMatchObject({ data: { user: 'ada' }, expiresAt: app.env.time + 3_600_000 })
})

it.each([[60, 60_000], [false, undefined]] as const)('can have an idle timeout of its own: %s', async (own, lifetime) => {
  const app = new TestApp({ idleTimeout: 600 })
  const cookie = await cookieFor(app, {}, { idleTimeout: 600, ownIdleTimeout: own })
  expect((await visitWith(app, cookie)).expiresAt).toBe(lifetime && app.env.time + lifetime)
})
