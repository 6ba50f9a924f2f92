import { stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createClock, createSessionCookie, readSessionCookie } from '../../src/testing'
import type { Answer } from '../e2e/support/browser'
import { openSeal } from '../e2e/support/seals'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { findUser } from '../fixtures/docs/sealed/server/utils/users'
import { environmentsOf } from './support/pages'
import { ADA, SAME_ORIGIN, Visitor } from './support/visitor'

const password = testPassword()
const HOURS = 60 * 60 * 1000
const DAYS = 24 * HOURS
const NAME = '__Host-Http-session'

const server = suiteServer('docs-sealed', { NUXT_SESSION_PASSWORD: password })
/** The app's password, to make cookies of the past. */
const options = { password, preset: 'strict', maxAge: 12 * 60 * 60 } as const

const loggedIn = (path?: string, body?: object) => Visitor.loggedIn(server, path, body)

function expiresOf(answer: Answer, name = NAME): number {
  return Date.parse(String(answer.setCookies.find(cookie => cookie.name === name)?.attributes.Expires))
}

describe('guide', () => {
  it('counts visits, in a cookie of a __Host- name', async () => {
    const visitor = new Visitor(server)
    const first = await visitor.request('/api/visits')
    expect(first.setCookies.map(({ name, attributes }) => [name, attributes])).toEqual([
      [NAME, { Path: '/', HttpOnly: true, Secure: true, SameSite: 'Lax', Expires: expect.any(String) }],
    ])
    expect([first.body, (await visitor.request('/api/visits')).body]).toEqual([1, 2])
  })

  it('starts with the environment of the production part', async () => {
    const [env] = environmentsOf('docs/guide.md')
    expect(Object.keys(env!)).toContain('NUXT_SESSION_PASSWORD')
    const started = await testServer('docs-sealed', { ...env, NUXT_SESSION_PASSWORD: password })
    const { setCookies } = await new Visitor(started).request('/api/visits')
    const { lastSeenAt } = await openSeal(setCookies[0]!.value, password)
    expect(Date.parse(String(setCookies[0]!.attributes.Expires)) - lastSeenAt!).toBeLessThanOrEqual(Number(env!.NUXT_SESSION_IDLE_TIMEOUT) * 1000)
  })

  it('shows the browser only the public keys, and creates no session', async () => {
    const asked = await new Visitor(server).request('/api/_session', { headers: SAME_ORIGIN })
    expect([asked.body, asked.setCookies]).toEqual([{}, []])
    const { visitor } = await loggedIn()
    await visitor.request('/api/visits')
    expect((await visitor.request('/api/_session', { headers: SAME_ORIGIN })).body).toEqual({ public: { name: 'Ada' } })
    const { id } = (await readSessionCookie([`${NAME}=${visitor.jar.get(NAME)}`], options))!
    expect((await visitor.request('/')).text).not.toContain(id)
  })

  it('rejects state-changing requests of other sites', async () => {
    const { visitor } = await loggedIn()
    for (const site of ['cross-site', 'same-site'])
      expect((await visitor.post('/api/visits', {}, { 'sec-fetch-site': site })).status).toBe(403)
    expect((await visitor.request('/api/visits', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200)
    expect((await visitor.post('/api/visits', {})).status).toBe(200)
  })
})

describe('login', () => {
  it('sets a new id, bound to the user', async () => {
    const visitor = new Visitor(server)
    const before = await readSessionCookie((await visitor.request('/api/visits')).headers, options)
    const after = await readSessionCookie((await visitor.post('/api/login', ADA)).headers, options)
    expect(after).toMatchObject({ userId: '1', data: { visits: 1, public: { name: 'Ada' } } })
    expect(after!.id).not.toBe(before!.id)
    expect((await visitor.request('/api/me')).body).toEqual({ id: '1', name: 'Ada' })
  })

  it.each(['/', '/login', '/account', '/api/_session'])('sends new visitors of %s no cookie', async (path) => {
    expect((await new Visitor(server).request(path, { headers: SAME_ORIGIN })).setCookies).toEqual([])
  })

  it.each([{ ...ADA, password: 'wrong' }, { ...ADA, email: 'eve@example.com' }, {}])('rejects %o and sends nothing', async (body) => {
    const { status, setCookies } = await new Visitor(server).post('/api/login', body)
    expect([status, setCookies]).toEqual([401, []])
  })

  it('shows the account to its user, and sends others to the login', async () => {
    const { visitor } = await loggedIn()
    expect((await visitor.request('/account')).text).toContain('Account of Ada')
    expect((await visitor.request('/')).text).toContain('Hello, Ada')
    const away = await new Visitor(server).request('/account')
    expect([away.status, away.headers.get('location')]).toEqual([302, '/login?redirect=/account'])
    expect((await new Visitor(server).request('/login')).status).toBe(200)
  })

  it('ends with the logout', async () => {
    const { visitor } = await loggedIn()
    const out = await visitor.post('/api/logout')
    expect(out.setCookies.map(({ value, attributes }) => [value, attributes['Max-Age']])).toEqual([['', '0']])
    expect((await visitor.request('/api/me')).status).toBe(401)
  })

  it('leaves threads of Node for files while many passwords are checked', async () => {
    const logins = Array.from({ length: 8 }, () => findUser(ADA.email, 'wrong').then(() => 'a login'))
    expect(await Promise.race([...logins, stat(import.meta.filename).then(() => 'the file')])).toBe('the file')
    await Promise.all(logins)
  })

  it('is required again before the address changes', async () => {
    const clock = createClock()
    clock.advance(-11 * 60 * 1000)
    const { header } = await createSessionCookie({}, { ...options, userId: '1', now: clock.now })
    const old = await new Visitor(server).post('/api/email', { email: 'a@example.com' }, { cookie: header })
    expect([old.status, old.body.data]).toEqual([401, { code: 'SESSION_REAUTHENTICATION_REQUIRED' }])
    const { visitor } = await loggedIn()
    expect((await visitor.post('/api/email', { email: 'a@example.com' })).status).toBe(200)
  })
})

describe('remember me', () => {
  it('keeps the cookie for thirty days if the user chose it, else for an hour without a request', async () => {
    const [remembered, not] = [await loggedIn('/api/remembered/login', { remember: true }), await loggedIn('/api/remembered/login')]
    expect(Math.abs(expiresOf(remembered.answer) - Date.now() - 30 * DAYS)).toBeLessThan(10_000)
    expect(Math.abs(expiresOf(not.answer) - Date.now() - HOURS)).toBeLessThan(10_000)
    expect(remembered.answer.body.expiresAt - not.answer.body.expiresAt).toBeGreaterThan(29 * DAYS)
  })

  it('governs later requests: a remembered session lasts 30 days, another 12 hours', async () => {
    const ask = async (age: number, ownMaxAge?: number) => {
      const ownIdleTimeout = ownMaxAge === undefined ? undefined : false
      const { header } = await createSessionCookie({}, { ...options, userId: '1', ownMaxAge, ownIdleTimeout, createdAt: Date.now() - age })
      return (await new Visitor(server).request('/api/me', { headers: { cookie: header } })).status
    }
    const MONTH = 30 * DAYS / 1000
    expect([await ask(29 * DAYS, MONTH), await ask(30 * DAYS, MONTH), await ask(11 * HOURS), await ask(12 * HOURS)]).toEqual([200, 401, 200, 401])
  })

  it('keeps its end when the session is written later', async () => {
    const { visitor, answer } = await loggedIn('/api/remembered/login', { remember: true })
    expect(expiresOf(await visitor.request('/api/visits'))).toBe(expiresOf(answer))
  })
})

describe('flash', () => {
  it('survives the redirect and is shown once', async () => {
    const visitor = new Visitor(server)
    const sent = await visitor.request('/api/contact', {
      method: 'POST', body: 'message=hello', headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/contact'])
    const shown = await visitor.request('/contact')
    expect(shown.text).toContain('Thank you, we have your message.')
    expect(shown.setCookies).toHaveLength(1)
    expect((await visitor.request('/contact')).text).not.toContain('Thank you')
  })
})

describe('multi-step form', () => {
  it('keeps the input, rejects a step before its time, and ends in an account', async () => {
    const visitor = new Visitor(server)
    expect((await visitor.post('/api/signup/address', { value: 'Here 1' })).body.data).toEqual({ step: 'name' })
    expect((await visitor.post('/api/signup/name', { value: ' ' })).status).toBe(400)
    expect((await visitor.post('/api/signup/colour', { value: 'red' })).status).toBe(400)
    expect((await visitor.post('/api/signup/name', { value: 'Grace' })).body).toEqual({ next: 'address' })
    expect((await visitor.post('/api/signup/confirm')).body.data).toEqual({ step: 'address' })
    expect((await visitor.post('/api/signup/address', { value: 'Here 1' })).body).toEqual({ next: 'confirm' })
    expect((await visitor.request('/api/signup')).body).toEqual({ name: 'Grace', address: 'Here 1' })
    const { body: { id } } = await visitor.post('/api/signup/confirm')
    expect((await visitor.request('/api/signup')).body).toEqual({})
    expect((await visitor.request('/api/me')).body).toEqual({ id, name: 'Grace' })
  })
})

describe('cart', () => {
  it('has its own cookie for thirty days, from its first item', async () => {
    const visitor = new Visitor(server)
    expect((await visitor.request('/api/cart')).setCookies).toEqual([])
    const first = await visitor.post('/api/cart', { id: 'tea' })
    expect(first.setCookies.map(({ name }) => name)).toEqual(['cart'])
    expect(Math.abs(expiresOf(first, 'cart') - Date.now() - 30 * DAYS)).toBeLessThan(10_000)
    expect((await visitor.post('/api/cart', { id: 'tea', amount: 2 })).body).toEqual({ tea: 3 })
  })

  it('survives login and logout, and ends with the order', async () => {
    const visitor = new Visitor(server)
    await visitor.post('/api/cart', { id: 'tea' })
    expect((await visitor.post('/api/cart/order')).status).toBe(401)
    await visitor.post('/api/login', ADA)
    await visitor.post('/api/logout')
    await visitor.post('/api/login', ADA)
    expect((await visitor.post('/api/cart/order')).body).toEqual({ userId: '1', items: { tea: 1 } })
    expect((await visitor.request('/api/cart')).body).toEqual({})
    expect((await visitor.request('/api/me')).status).toBe(200)
  })
})

describe('several sessions', () => {
  it('have their own cookies, and neither is accepted as the other', async () => {
    const { visitor } = await loggedIn()
    expect((await visitor.request('/api/admin')).status).toBe(401)
    const entered = await visitor.post('/api/admin/login')
    expect(entered.setCookies).toMatchObject([{ name: 'admin', attributes: { Path: '/api/admin', SameSite: 'Strict' } }])
    expect((await visitor.request('/api/admin')).body).toEqual({ id: '1', role: 'editor' })
    const swapped = { cookie: `admin=${visitor.jar.get(NAME)}` }
    expect((await visitor.request('/api/admin', { headers: swapped })).status).toBe(401)
  })

  it('can have their own passwords, from the environment that the page names', async () => {
    const [env] = environmentsOf('docs/recipes/several-sessions.md')
    expect(Object.keys(env!)).toEqual(['NUXT_SESSION_PASSWORD', 'NUXT_SESSION_NAMED_ADMIN_PASSWORD'])
    const own = testPassword()
    const started = await testServer('docs-sealed', { NUXT_SESSION_PASSWORD: password, NUXT_SESSION_NAMED_ADMIN_PASSWORD: own })
    const visitor = new Visitor(started)
    await visitor.post('/api/login', ADA)
    const { setCookies } = await visitor.post('/api/admin/login')
    expect(await openSeal(setCookies[0]!.value, own)).toMatchObject({ name: 'admin', userId: '1' })
  })
})

describe('rotation', () => {
  it('logs no user out in the three steps, with old and new servers at the same time', async () => {
    const steps = environmentsOf('docs/recipes/rotation.md')
    expect(steps.map(env => Object.keys(env))).toEqual(Array.from({ length: 4 }, () => ['NUXT_SESSION_PASSWORD']))
    const [old, both, first, alone] = await Promise.all(steps.map(env => testServer('docs-sealed', env)))
    const visitor = new Visitor(old!)
    const visits: unknown[] = []
    // Behind a load balancer, a visitor's requests reach servers of the previous step and of the next one.
    for (const next of [old, both, old, both, first, both, first, alone, first, alone]) {
      visitor.server = next!
      visits.push((await visitor.request('/api/visits')).body)
    }
    expect(visits).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    visitor.server = old!
    expect((await visitor.request('/api/visits')).body, 'a server that was forgotten').toBe(1)
  })
})
