import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RedisServer } from '../store/support/redis-server'
import { buildApp } from '../e2e/support/build'
import { openSeal } from '../e2e/support/seals'
import { failToStart, testPassword } from '../e2e/support/server'
import { suiteServerPair } from './support/server-pair'
import { ADA, GRACE, Visitor } from './support/visitor'

const password = testPassword()
const pair = suiteServerPair({
  app: 'docs-stored',
  page: 'docs/recipes/redis.md',
  password,
  startStore: () => RedisServer.start(),
  variable: 'NUXT_REDIS_URL',
  scheme: 'redis',
  address: ({ port }) => `127.0.0.1:${port}`,
})

describe('Redis in production', () => {
  it('keeps the session, and only its sealed id and user are in the cookie, on every server', async () => {
    const { visitor, answer } = await Visitor.loggedIn(pair.server)
    const sealed = await openSeal(answer.setCookies[0]!.value, password)
    expect(sealed).toEqual({ id: expect.any(String), name: 'h3', sealedAt: expect.any(Number), userId: '1' })
    const keys = await pair.store.command('KEYS', 'sessions:*') as string[]
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.join(' '), 'the id is nowhere').not.toContain(sealed.id)
    visitor.server = pair.second
    expect((await visitor.request('/api/me')).body).toEqual({ id: '1', name: 'Ada' })
  })

  it('lets Redis remove what has ended', async () => {
    const keys = await pair.store.command('KEYS', 'sessions:*') as string[]
    const [first] = keys.filter(key => /[\da-f]{64}$/.test(key))
    const seconds = Number(await pair.store.command('TTL', first!))
    expect(seconds).toBeGreaterThan(6 * 24 * 60 * 60)
    expect(seconds).toBeLessThanOrEqual(7 * 24 * 60 * 60 + 60)
  })

  it('prerenders pages during the build, without the address', async () => {
    const { outputDir } = await buildApp('docs-stored')
    expect(await readFile(join(outputDir, 'public/404.html'), 'utf8')).toContain('<!DOCTYPE html>')
  })

  it('stops at start-up if the address is missing', async () => {
    const { code, output } = await failToStart('docs-stored', { NUXT_SESSION_PASSWORD: password })
    expect(code).not.toBe(0)
    expect(output).toContain('Set NUXT_REDIS_URL.')
  })
})

describe('log out everywhere', () => {
  it('lists the devices of a user, with the address and browser of their login', async () => {
    const { visitor } = await Visitor.loggedIn(pair.server)
    const phone = new Visitor(pair.server)
    await phone.post('/api/login', ADA, { 'user-agent': 'Phone', 'x-forwarded-for': '203.0.113.7' })
    const { body: devices } = await visitor.request('/api/devices')
    expect(devices.filter(({ isThis }: { isThis: boolean }) => isThis)).toHaveLength(1)
    expect(devices).toContainEqual({ handle: expect.stringMatching(/^[\da-f]{64}$/), lastSeenAt: expect.any(Number), userAgent: 'Phone', ip: '203.0.113.7', isThis: false })
  })

  it('ends one device, on every server at once', async () => {
    const { visitor } = await Visitor.loggedIn(pair.server)
    const { visitor: other } = await Visitor.loggedIn(pair.second)
    const { handle } = (await other.request('/api/devices')).body.find(({ isThis }: { isThis: boolean }) => isThis)
    expect((await visitor.delete(`/api/devices/${handle}`)).body).toEqual({ wasAlive: true })
    expect((await other.request('/api/me')).status).toBe(401)
    expect((await visitor.request('/api/me')).status).toBe(200)
    expect((await visitor.delete(`/api/devices/${'0'.repeat(64)}`)).status).toBe(404)
  })

  it('ends all others, or all', async () => {
    const { visitor } = await Visitor.loggedIn(pair.server)
    const { visitor: other } = await Visitor.loggedIn(pair.second)
    expect((await visitor.delete('/api/devices/others')).status).toBe(204)
    expect([(await visitor.request('/api/me')).status, (await other.request('/api/me')).status]).toEqual([200, 401])
    await other.post('/api/login', ADA)
    const all = await visitor.delete('/api/devices')
    expect(all.setCookies.map(({ value, attributes }) => [value, attributes['Max-Age']])).toEqual([['', '0']])
    expect([(await visitor.request('/api/me')).status, (await other.request('/api/me')).status]).toEqual([401, 401])
  })

  it('requires a page of the app', async () => {
    const { visitor } = await Visitor.loggedIn(pair.server)
    const { status, body } = await visitor.request('/api/devices/others', { method: 'DELETE', headers: { 'sec-fetch-site': 'cross-site' } })
    expect([status, body.data]).toEqual([403, { code: 'SESSION_FOREIGN_ORIGIN' }])
  })

  it('happens with a new password, which gives this device a new session', async () => {
    const { visitor, answer } = await Visitor.loggedIn(pair.server)
    const { visitor: other } = await Visitor.loggedIn(pair.server)
    const changed = await visitor.post('/api/password', { password: 'a new password for Ada' })
    expect([(await visitor.request('/api/me')).status, (await other.request('/api/me')).status]).toEqual([200, 401])
    const stolen = `h3=${answer.setCookies[0]!.value}`
    expect((await new Visitor(pair.server).request('/api/me', { headers: { cookie: stolen } })).status).toBe(401)
    expect(changed.setCookies).toHaveLength(1)
    expect((await new Visitor(pair.server).post('/api/login', ADA)).status).toBe(401)
    expect((await visitor.post('/api/password', { password: ADA.password })).status).toBe(204)
    expect((await new Visitor(pair.server).post('/api/login', ADA)).status).toBe(200)
  })

  it('happens to a disabled account, which does not get in again', async () => {
    const { visitor: admin } = await Visitor.loggedIn(pair.server)
    const { visitor } = await Visitor.loggedIn(pair.server, '/api/login', GRACE)
    expect((await visitor.request('/api/me')).body).toEqual({ id: '2', name: 'Grace' })
    expect((await visitor.post('/api/disable', { id: '1' })).status).toBe(403)
    expect((await admin.post('/api/disable', { id: '2' })).status).toBe(204)
    expect((await visitor.request('/api/me')).status).toBe(401)
    expect((await visitor.post('/api/login', GRACE)).status).toBe(401)
    expect((await admin.request('/api/me')).status).toBe(200)
  })
})
