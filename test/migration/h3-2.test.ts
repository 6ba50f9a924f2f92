import { describe, expect, it } from 'vitest'
import { openCookies, openSeal, withIterations } from '../e2e/support/seals'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { suiteNodeApp, WITH_H3_2 } from './support/node-app'
import { loggedIn, Visitor } from './support/visitor'

const password = testPassword()
const env = { NITRO_SESSION_PASSWORD: password }

describe('docs/migration/h3-2.md', () => {
  const before = suiteNodeApp('h3-2/before/server.mjs', { SESSION_PASSWORD: password }, WITH_H3_2)
  const after = suiteServer('h3-2-after', env)

  it('users stay logged in, and keep the id and the start of the session', async () => {
    const visitor = await loggedIn(before)
    const old = await openSeal(visitor.jar.get('h3')!, password, withIterations(8192))
    const answer = await visitor.meets(after).get('/api/me')
    expect(answer).toMatchObject({ status: 200, body: { name: 'Ada' }, setCookies: [] })
    expect(old).toMatchObject({ id: expect.any(String), createdAt: expect.any(Number) })
    expect((await visitor.get('/api/session')).body).toEqual({ id: old.id, createdAt: old.createdAt })
  })

  it('a session in several cookies continues', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/login', { name: 'A'.repeat(4000) })
    expect([...visitor.jar.keys()]).toEqual(['h3', 'h3.1', 'h3.2'])
    expect((await visitor.meets(after).get('/api/me')).body.name).toHaveLength(4000)
    await visitor.post('/api/login', { name: 'Ada' })
    expect([...visitor.jar.keys()]).toEqual(['h3'])
  })

  it('back to the app before: still logged in', async () => {
    const visitor = await loggedIn(after)
    expect((await visitor.meets(before).get('/api/me')).body).toEqual({ name: 'Ada' })
  })

  it('a logout works in both', async () => {
    const visitor = await loggedIn(before)
    await visitor.meets(after).post('/api/logout')
    expect(visitor.jar.size).toBe(0)
    for (const app of [after, before]) expect((await visitor.meets(app).get('/api/me')).status).toBe(401)
  })

  it('without the iterations its seals are rejected', async () => {
    const visitor = await loggedIn(before)
    const fast = await testServer('h3-2-after', { ...env, NITRO_SESSION_SEAL_ENCRYPTION_ITERATIONS: '1', NITRO_SESSION_SEAL_INTEGRITY_ITERATIONS: '1' })
    expect((await visitor.meets(fast).get('/api/me')).status).toBe(401)
  })

  it('legacySealFallback accepts sessions of h3 1 and seals them again at a write', async () => {
    const fast = { NITRO_SESSION_SEAL_ENCRYPTION_ITERATIONS: '1', NITRO_SESSION_SEAL_INTEGRITY_ITERATIONS: '1' }
    const visitor = await loggedIn(await testServer('h3-2-after', { ...env, ...fast }))
    const copy = new Visitor(after)
    copy.jar.set('h3', visitor.jar.get('h3')!)
    expect((await copy.get('/api/me')).status).toBe(401)

    const { setCookies } = await visitor.meets(await testServer('h3-2-after', { ...env, NITRO_SESSION_LEGACY_SEAL_FALLBACK: 'true' })).get('/api/me')
    expect((await openCookies(setCookies, 'h3', password, withIterations(8192))).data).toEqual({ user: { name: 'Ada' } })
    expect((await visitor.meets(after).get('/api/me')).body).toEqual({ name: 'Ada' })
  })
})
