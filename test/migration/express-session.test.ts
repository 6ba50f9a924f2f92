import { describe, expect, it } from 'vitest'
import { openSeal, payload, sealPayload } from '../e2e/support/seals'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { suiteNodeApp } from './support/node-app'
import { OldSessions } from './support/old-sessions'
import { loggedIn, Visitor } from './support/visitor'

const NUXT_SESSION_PASSWORD = testPassword()
const EXPRESS_SECRET = testPassword()

describe('docs/migration/express-session.md', () => {
  const old = new OldSessions()
  const before = suiteNodeApp('express-session/before/server.mjs', { EXPRESS_SECRET, OLD_SESSIONS: old.path })
  const after = suiteServer('express-after', { NUXT_SESSION_PASSWORD, EXPRESS_SECRET, OLD_SESSIONS: old.path })
  const idOf = (visitor: Visitor) => decodeURIComponent(visitor.jar.get('connect.sid')!).slice(2).split('.')[0]!

  it('users stay logged in: migrated at the first request, once', async () => {
    const visitor = await loggedIn(before)
    expect([...visitor.jar.keys()]).toEqual(['connect.sid'])
    expect((await visitor.get('/api/me')).body).toEqual({ name: 'Ada' })

    const first = await visitor.meets(after).get('/api/me')
    expect(first).toMatchObject({ status: 200, body: { name: 'Ada' } })
    expect(first.setCookies).toMatchObject([{ name: 'h3' }, { name: 'connect.sid', value: '', attributes: { 'Max-Age': '0' } }])
    expect((await openSeal(visitor.jar.get('h3')!, NUXT_SESSION_PASSWORD)).data).toEqual({ user: { name: 'Ada' } })
    expect(await visitor.get('/api/me')).toMatchObject({ body: { name: 'Ada' }, setCookies: [] })
  })

  it('requests of a page at the same time are all answered as logged in', async () => {
    const visitor = await loggedIn(before)
    visitor.meets(after)
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.get('/api/me')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })

  it('the old cookie is rejected a minute later', async () => {
    const visitor = await loggedIn(before)
    const cookie = visitor.jar.get('connect.sid')!
    const id = idOf(visitor)
    await visitor.meets(after).get('/api/me')
    const copy = new Visitor(after)
    copy.jar.set('connect.sid', cookie)
    expect((await copy.get('/api/me')).status).toBe(200)
    await old.ageMigration(id, 60_001)
    copy.jar.clear()
    copy.jar.set('connect.sid', cookie)
    expect((await copy.get('/api/me')).status).toBe(401)
  })

  it('a logout works, before and after', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/logout')
    expect((await visitor.meets(after).get('/api/me')).status).toBe(401)

    const other = await loggedIn(before)
    await other.meets(after).get('/api/me')
    await other.post('/api/logout')
    expect(other.jar.size).toBe(0)
    expect((await other.get('/api/me')).status).toBe(401)
  })

  it('requests of the app to itself see what was changed since, and a logout', async () => {
    const visitor = await loggedIn(before)
    await old.change(idOf(visitor), { visits: 1 })
    expect((await visitor.meets(after).post('/api/inner')).body).toMatchObject({ inner: { data: { visits: 100 } } })
    const other = await loggedIn(before)
    expect((await other.meets(after).post('/api/inner?logout=1')).body).toMatchObject({ inner: { data: {} } })
  })

  it('an ended session is rejected', async () => {
    const visitor = await loggedIn(before)
    const id = idOf(visitor)
    const { cookie } = await old.read(id) as { cookie: object }
    await old.change(id, { cookie: { ...cookie, expires: new Date(Date.now() - 1000).toISOString() } })
    expect((await visitor.meets(after).get('/api/me')).status).toBe(401)
    expect(visitor.jar.has('connect.sid')).toBe(false)
  })

  it('an id that this app did not sign is rejected', async () => {
    const visitor = await loggedIn(before)
    const id = idOf(visitor)
    const [, signature] = decodeURIComponent(visitor.jar.get('connect.sid')!).split(/\.(.*)/)
    for (const value of [id, `s:${id}`, `s:${id}.`, `s:${id}.${signature}x`, `s:x${id}.${signature}`, `s:../${id}.${signature}`, `s:.${signature}`]) {
      const forger = new Visitor(after)
      forger.jar.set('connect.sid', encodeURIComponent(value))
      expect((await forger.get('/api/me')).status, value).toBe(401)
    }
  })

  it('a migration binds no user and dates no login', async () => {
    const visitor = await loggedIn(before)
    expect((await visitor.meets(after).get('/api/session')).body).toEqual({ data: { user: { name: 'Ada' } } })
  })

  describe('habits', () => {
    it('a change in place is kept there, and not here', async () => {
      const visitor = await loggedIn(after)
      expect((await visitor.post('/api/habits?habit=in-place')).setCookies).toEqual([])
      expect((await visitor.get('/api/session')).body.data).toEqual({ user: { name: 'Ada' } })
      await visitor.post('/api/habits?habit=update')
      expect((await visitor.get('/api/session')).body.data).toEqual({ user: { name: 'Ada' }, note: 'updated' })
    })

    it('regenerate drops the data there, and keeps it here by default', async () => {
      const visitor = await loggedIn(before)
      const first = idOf(visitor)
      await old.change(first, { note: 'kept?' })
      await visitor.post('/api/login', { name: 'Ada' })
      expect(idOf(visitor)).not.toBe(first)
      expect(Object.keys(await old.read(idOf(visitor)))).toEqual(['cookie', 'user'])

      const ours = await loggedIn(after)
      const { body } = await ours.post('/api/habits')
      const kept = await ours.post('/api/habits?habit=regenerate')
      expect(kept.body.id).not.toBe(body.id)
      expect(kept.body.data).toEqual({ user: { name: 'Ada' } })
      expect((await ours.post('/api/habits?habit=drop')).body.data).toEqual({})
    })

    it('without `rolling` a read sends no cookie there; idleTimeout here sends one per half window', async () => {
      const visitor = await loggedIn(before)
      expect(await visitor.get('/api/me')).toMatchObject({ status: 200, setCookies: [] })

      const server = await testServer('express-after', { NUXT_SESSION_PASSWORD, EXPRESS_SECRET, OLD_SESSIONS: old.path, NUXT_SESSION_IDLE_TIMEOUT: '600' })
      const read = async (secondsAgo: number) => {
        const ours = new Visitor(server)
        const lastSeenAt = Date.now() - secondsAgo * 1000
        ours.jar.set('h3', await sealPayload(payload({ createdAt: lastSeenAt, lastSeenAt, data: { user: { name: 'Ada' } } }), NUXT_SESSION_PASSWORD))
        const { status, setCookies } = await ours.get('/api/me')
        return [status, setCookies.length]
      }
      expect(await read(200)).toEqual([200, 0])
      expect(await read(400)).toEqual([200, 1])
      expect(await read(700)).toEqual([401, 1])
    })

    it('saveUninitialized: false sends nothing before the first write', async () => {
      expect((await new Visitor(before).get('/api/me')).setCookies).toEqual([])
      expect((await new Visitor(after).get('/api/me')).setCookies).toHaveLength(1)
      const server = await testServer('express-after', { NUXT_SESSION_PASSWORD, EXPRESS_SECRET, OLD_SESSIONS: old.path, NUXT_SESSION_SAVE_UNINITIALIZED: 'false' })
      expect((await new Visitor(server).get('/api/me')).setCookies).toEqual([])
    })
  })
})
