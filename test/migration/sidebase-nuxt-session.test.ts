import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseSetCookie } from '../e2e/support/browser'
import { ROOT } from '../e2e/support/build'
import { openSeal } from '../e2e/support/seals'
import { suiteServer, testPassword } from '../e2e/support/server'
import { OldSessions } from './support/old-sessions'
import { Visitor } from './support/visitor'

const NUXT_SESSION_PASSWORD = testPassword()
const recorded = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/migration/sidebase-nuxt-session/recorded.json'), 'utf8'))
const DAY_MS = 24 * 3600 * 1000

describe('docs/migration/sidebase-nuxt-session.md', () => {
  const old = new OldSessions()
  const after = suiteServer('sidebase-after', { NUXT_SESSION_PASSWORD, OLD_SESSIONS: old.path })

  /** A visitor with a session that the recorded app made `age` ago. */
  async function recordedVisitor({ age = DAY_MS, change = {} } = {}): Promise<{ visitor: Visitor, id: string }> {
    const visitor = new Visitor(after)
    const cookie = parseSetCookie(recorded.setCookie)
    // The same length and alphabet.
    const id = randomBytes(48).toString('base64url')
    visitor.jar.set(cookie.name, id)
    await old.write(id, { ...JSON.parse(recorded.record), id, createdAt: new Date(Date.now() - age).toISOString(), ...change })
    return { visitor, id }
  }

  it('the recorded format is the one of the guide: the bare id in the cookie, and the data beside id and createdAt', () => {
    const { value } = parseSetCookie(recorded.setCookie)
    const record = JSON.parse(recorded.record)
    expect(value).toMatch(/^[\w-]{64}$/)
    expect(recorded.file).toBe(value)
    expect(record).toEqual({ id: value, createdAt: expect.any(String), user: { name: 'Ada' }, cart: ['a'] })
  })

  it('users stay logged in: migrated at the first request, once', async () => {
    const { visitor } = await recordedVisitor()
    const first = await visitor.get('/api/me')
    expect(first).toMatchObject({ status: 200, body: { name: 'Ada' } })
    expect(first.setCookies).toMatchObject([{ name: 'h3' }, { name: 'sessionId', value: '', attributes: { 'Max-Age': '0' } }])
    expect((await openSeal(visitor.jar.get('h3')!, NUXT_SESSION_PASSWORD)).data).toEqual({ user: { name: 'Ada' }, cart: ['a'] })
    expect(await visitor.get('/api/me')).toMatchObject({ body: { name: 'Ada' }, setCookies: [] })
  })

  it('requests of a page at the same time are all answered as logged in', async () => {
    const { visitor } = await recordedVisitor()
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.get('/api/me')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })

  it('the old cookie is rejected a minute later', async () => {
    const { visitor, id } = await recordedVisitor()
    await visitor.get('/api/me')
    const copy = new Visitor(after)
    copy.jar.set('sessionId', id)
    expect((await copy.get('/api/me')).status).toBe(200)
    await old.ageMigration(id, 60_001)
    copy.jar.clear()
    copy.jar.set('sessionId', id)
    expect((await copy.get('/api/me')).status).toBe(401)
  })

  it('a logout works', async () => {
    const { visitor } = await recordedVisitor()
    await visitor.get('/api/me')
    await visitor.post('/api/logout')
    expect(visitor.jar.size).toBe(0)
    expect((await visitor.get('/api/me')).status).toBe(401)
  })

  it('requests of the app to itself see what was changed since, and a logout', async () => {
    const { visitor } = await recordedVisitor({ change: { visits: 1 } })
    expect((await visitor.post('/api/inner')).body).toMatchObject({ inner: { data: { visits: 100 } } })
    const { visitor: other } = await recordedVisitor()
    expect((await other.post('/api/inner?logout=1')).body).toMatchObject({ inner: { data: {} } })
  })

  it('a session older than the old lifetime is rejected', async () => {
    const { visitor } = await recordedVisitor({ age: 7 * DAY_MS + 1000 })
    expect((await visitor.get('/api/me')).status).toBe(401)
    expect(visitor.jar.has('sessionId')).toBe(false)
  })

  it('the hash of a pinned address is left behind', async () => {
    const { visitor } = await recordedVisitor({ change: { ip: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA' } })
    expect((await visitor.get('/api/session')).body.data).toEqual({ user: { name: 'Ada' }, cart: ['a'] })
  })

  it('an empty session is not migrated', async () => {
    const { visitor } = await recordedVisitor({ change: { user: undefined, cart: undefined } })
    expect((await visitor.get('/')).setCookies.map(({ name }) => name)).toEqual(['sessionId'])
  })

  it('ids of another form are not used as keys', async () => {
    const { id } = await recordedVisitor()
    for (const value of [`x:..:${id}`, `${id}?x`, `/${id}`, `:${id}`, '..', 'nobody', '__proto__']) {
      const visitor = new Visitor(after)
      visitor.jar.set('sessionId', encodeURIComponent(value))
      expect((await visitor.get('/api/me')).status, value).toBe(401)
    }
  })
})
