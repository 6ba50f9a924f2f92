import { sealData } from 'iron-session'
import { describe, expect, it } from 'vitest'
import { DEFAULT_ATTRIBUTES } from '../e2e/support/browser'
import { openSeal } from '../e2e/support/seals'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { loggedIn, Visitor } from './support/visitor'

const IRON_PASSWORD = testPassword()
const NUXT_SESSION_PASSWORD = testPassword()

describe('docs/migration/iron-session.md', () => {
  const before = suiteServer('iron-session-before', { IRON_PASSWORD })
  const after = suiteServer('iron-session-after', { IRON_PASSWORD, NUXT_SESSION_PASSWORD })

  it('its cookie is a seal of another form, which no option of ours reads', async () => {
    const visitor = await loggedIn(before)
    const sealed = visitor.jar.get('my-app')!
    expect(sealed).toMatch(/^Fe26\.2\*1\*.*~2$/)
    const renamed = new Visitor(after)
    renamed.jar.set('h3', sealed)
    expect((await renamed.get('/api/me')).status).toBe(401)
  })

  it('users stay logged in: migrated at the first request, once', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/visits')
    const first = await visitor.meets(after).get('/api/me')
    expect(first).toMatchObject({ status: 200, body: { name: 'Ada' } })
    expect(first.setCookies).toEqual([
      { name: 'h3', value: expect.stringMatching(/^Fe26\.2\*\*/), attributes: DEFAULT_ATTRIBUTES },
      { name: 'my-app', value: '', attributes: { 'Path': '/', 'Max-Age': '0' } },
    ])
    expect(await openSeal(visitor.jar.get('h3')!, NUXT_SESSION_PASSWORD)).toMatchObject({ data: { user: { name: 'Ada' }, visits: 1 } })

    const second = await visitor.get('/api/me')
    expect(second).toMatchObject({ body: { name: 'Ada' }, setCookies: [] })
    expect((await visitor.post('/api/visits')).body).toBe(2)
  })

  it('the first request can be a write', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/visits')
    const { body, setCookies } = await visitor.meets(after).post('/api/visits')
    expect(body).toBe(2)
    expect(setCookies.map(({ name }) => name).toSorted()).toEqual(['h3', 'my-app'])
    expect((await visitor.get('/api/me')).body).toEqual({ name: 'Ada' })
  })

  it('requests of a page at the same time are all answered as logged in', async () => {
    const visitor = await loggedIn(before)
    visitor.meets(after)
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.get('/api/me')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect((await visitor.get('/api/me')).status).toBe(200)
  })

  it('a session of ours that is there is not replaced', async () => {
    const visitor = await loggedIn(before)
    const old = visitor.jar.get('my-app')!
    await visitor.meets(after).post('/api/login', { name: 'Grace' })
    visitor.jar.set('my-app', old)
    expect((await visitor.get('/api/me')).body).toEqual({ name: 'Grace' })
    expect(visitor.jar.has('my-app')).toBe(false)
  })

  it('requests of the app to itself see what was changed since, and a logout', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/visits')
    const old = visitor.jar.get('my-app')!
    const { body } = await visitor.meets(after).post('/api/inner')
    expect(body).toMatchObject({ inner: { data: { visits: 100 } }, outer: { visits: 100 } })

    const other = new Visitor(after)
    other.jar.set('my-app', old)
    expect((await other.post('/api/inner?logout=1')).body).toMatchObject({ inner: { data: {} }, outer: {} })
    expect((await other.get('/api/me')).status).toBe(401)
  })

  it('a logout works', async () => {
    const visitor = await loggedIn(before)
    await visitor.meets(after).get('/api/me')
    await visitor.post('/api/logout')
    expect(visitor.jar.size).toBe(0)
    expect((await visitor.get('/api/me')).status).toBe(401)
  })

  it('an expired, foreign or invalid cookie creates no session and is removed', async () => {
    const expired = await sealData({ user: { name: 'Ada' } }, { password: IRON_PASSWORD, ttl: -3600 })
    const foreign = await sealData({ user: { name: 'Ada' } }, { password: testPassword() })
    for (const sealed of [expired, foreign, 'nonsense', 'Fe26.2*1*a*b*c*d*e*f~2']) {
      const visitor = new Visitor(after)
      visitor.jar.set('my-app', sealed)
      expect(await visitor.get('/'), sealed).toMatchObject({ status: 404, setCookies: [{ name: 'my-app', value: '' }] })
      expect(visitor.jar.size, sealed).toBe(0)
    }
  })

  it('a migration binds no user and dates no login', async () => {
    const visitor = await loggedIn(before)
    const { body } = await visitor.meets(after).get('/api/session')
    expect(body).toEqual({ data: { user: { name: 'Ada' } } })
  })

  it('while the store is down the old cookie stays, and the migration waits', async () => {
    const visitor = await loggedIn(before)
    const broken = await testServer('iron-session-after', { IRON_PASSWORD, NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'broken' })
    const answer = await visitor.meets(broken).get('/api/me')
    expect(answer).toMatchObject({ status: 503, setCookies: [] })
    expect((await visitor.meets(after).get('/api/me')).body).toEqual({ name: 'Ada' })
  })

  it('back to iron-session: migrated users have to log in again', async () => {
    const visitor = await loggedIn(before)
    await visitor.meets(after).get('/api/me')
    expect((await visitor.meets(before).get('/api/me')).status).toBe(401)
  })
})
