import { describe, expect, it } from 'vitest'
import { DEFAULT_ATTRIBUTES } from '../e2e/support/browser'
import { openSeal, payload, sealPayload } from '../e2e/support/seals'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { loggedIn, Visitor } from './support/visitor'

const password = testPassword()
const cartPassword = testPassword()

describe('docs/migration/h3.md', () => {
  const before = suiteServer('h3-before', { SESSION_PASSWORD: password, CART_PASSWORD: cartPassword })
  const after = suiteServer('h3-after', { NUXT_SESSION_PASSWORD: password, NUXT_SESSION_NAMED_CART_PASSWORD: cartPassword })

  it('users stay logged in, and keep the id and the start of the session', async () => {
    const visitor = await loggedIn(before)
    const old = await openSeal(visitor.jar.get('h3')!, password)
    const answer = await visitor.meets(after).get('/api/me')
    expect(answer).toMatchObject({ status: 200, body: { name: 'Ada' }, setCookies: [] })
    await visitor.post('/api/cart', { item: 'a' })
    expect(await openSeal(visitor.jar.get('h3')!, password)).toEqual(old)
  })

  it('a session with its own name and password continues', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/cart', { item: 'a' })
    const answer = await visitor.meets(after).post('/api/cart', { item: 'b' })
    expect(answer.body).toEqual(['a', 'b'])
    expect([...visitor.jar.keys()].toSorted()).toEqual(['cart', 'h3'])
  })

  it('a session with a name needs its own lifetime, or has the app\'s', async () => {
    const visitor = new Visitor(after)
    const thirtyDaysAgo = Date.now() - 30 * 24 * 3600 * 1000
    const cart = await sealPayload(payload({ createdAt: thirtyDaysAgo, data: { items: ['a'] } }), cartPassword)
    visitor.jar.set('cart', cart)
    expect((await visitor.post('/api/cart', { item: 'b' })).body).toEqual(['a', 'b'])

    visitor.jar.set('cart', cart)
    const withoutOwn = await testServer('h3-after', { NUXT_SESSION_PASSWORD: password, NUXT_SESSION_NAMED: JSON.stringify({ cart: { password: cartPassword } }) })
    expect((await visitor.meets(withoutOwn).post('/api/cart', { item: 'b' })).body).toEqual(['b'])
  })

  it('a login binds the user, under a new id; until then no user is bound', async () => {
    const visitor = await loggedIn(before)
    const old = await openSeal(visitor.jar.get('h3')!, password)
    expect((await visitor.meets(after).get('/api/bound')).status).toBe(401)
    const { setCookies } = await visitor.post('/api/login', { name: 'Ada' })
    expect(setCookies).toMatchObject([{ name: 'h3', attributes: { ...DEFAULT_ATTRIBUTES, Expires: expect.any(String) } }])
    const { body } = await visitor.get('/api/bound')
    expect(body.userId).toBe('Ada')
    expect(body.id).not.toBe(old.id)
  })

  it('back to the app before: still logged in', async () => {
    const visitor = await loggedIn(after)
    expect((await visitor.meets(before).get('/api/me')).body).toEqual({ name: 'Ada' })
  })

  it('back to the app before: its getSession returns the bound user, also after a write', async () => {
    const visitor = await loggedIn(after)
    const bound = await visitor.meets(before).get('/api/user')
    expect(bound).toMatchObject({ status: 200, body: { userId: 'Ada' } })
    const { setCookies } = await visitor.post('/api/login', { name: 'Ada Lovelace' })
    expect(setCookies).toHaveLength(1)
    expect((await visitor.get('/api/user')).body).toEqual({ userId: 'Ada' })
  })

  it('a logout works in both', async () => {
    const visitor = await loggedIn(before)
    await visitor.meets(after).post('/api/logout')
    expect(visitor.jar.has('h3')).toBe(false)
    for (const app of [after, before]) expect((await new Visitor(app).get('/api/me')).status).toBe(401)
    expect((await visitor.meets(before).get('/api/me')).status).toBe(401)
  })

  it('an explicit import stays h3\'s, and reads the same session', async () => {
    const visitor = await loggedIn(before)
    const { body } = await visitor.meets(after).get('/api/forgotten')
    expect(body).toEqual({ data: { user: { name: 'Ada' } }, isOurs: false })
  })
})
