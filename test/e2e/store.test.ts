import { createHash } from 'node:crypto'
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../store/support/redis-server'
import { Browser } from './support/browser'
import type { Operation, OpsAnswer } from './support/browser'
import { buildApp } from './support/build'
import { openSeal, sealPayload } from './support/seals'
import { until } from '../support/until'
import { testPassword, testServer } from './support/server'
import type { Server } from './support/server'
import { STORES, storeName } from './support/targets'

const NUXT_SESSION_PASSWORD = testPassword()
const login = (userId: string, data = {}): Operation => ({ op: 'regenerate', args: [{ userId, data }] })
const update = (data: object): Operation => ({ op: 'update', args: [data] })
const handleOf = ({ body }: OpsAnswer) => createHash('sha256').update(body.id!).digest('hex')

async function admin(server: Server, call: string, ...args: unknown[]) {
  const { body } = await new Browser(server).request('/api/admin', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ call, args }),
  })
  return body
}

let redis: RedisServer
beforeAll(async () => {
  await buildApp('main')
  redis = await RedisServer.start()
})
afterAll(() => redis.stop())

describe.each(Object.entries(STORES))('sessions in %s', (_name, storage) => {
  let server: Server
  const start = (env = {}) => testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: storage, TEST_REDIS_PORT: String(redis.port), ...env })

  it('are read, changed, logged in and out, with only the id in the cookie', async () => {
    server = await start()
    const browser = new Browser(server)
    expect((await browser.ops([])).setCookies).toEqual([])
    const first = await browser.ops([update({ cart: [1] })])
    expect(await openSeal(first.setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toEqual({ id: first.body.id, name: 'h3', sealedAt: expect.any(Number) })
    const second = await browser.ops([update({ b: 2 })])
    expect([second.body.data, second.body.id, second.setCookies]).toEqual([{ cart: [1], b: 2 }, first.body.id, []])
    const loggedIn = await browser.ops([login('ada')])
    expect(loggedIn.body).toMatchObject({ userId: 'ada', data: { cart: [1], b: 2 } })
    expect(loggedIn.body.id).not.toBe(first.body.id)
    const out = await browser.ops([{ op: 'clear' }])
    expect(out.setCookies.map(({ value, attributes }) => [value, attributes['Max-Age']])).toEqual([['', '0']])
    expect((await browser.ops([])).body).toMatchObject({ data: {}, isNew: true })
  })

  it('beyond maxUserSessions, the oldest of a user ends', async () => {
    server = await start({ NUXT_SESSION_MAX_USER_SESSIONS: '2' })
    const browsers = [1, 2, 3].map(() => new Browser(server))
    for (const browser of browsers) await browser.ops([login('grace')])
    const users = []
    for (const browser of browsers) users.push((await browser.ops([])).body.userId)
    expect(users).toEqual([undefined, 'grace', 'grace'])
  })

  it('all end at once, of users and visitors', async () => {
    server = await start()
    const [user, visitor, cart] = [new Browser(server), new Browser(server), new Browser(server)]
    const named = { config: { name: 'cart', storage } }
    const begin = () => Promise.all([user.ops([login('lin')]), visitor.ops([update({ a: 1 })]), cart.ops([update({ a: 1 })], named)])
    const areNew = async () => (await Promise.all([user.ops([]), visitor.ops([]), cart.ops([], named)])).map(({ body }) => body.isNew)
    await begin()
    expect(await admin(server, 'revokeAllSessions', { userId: 'ada' })).toMatchObject({ error: { code: 'SESSION_CONFIG_INVALID' } })
    expect(await admin(server, 'revokeAllSessions', 'ada')).toMatchObject({ error: { code: 'SESSION_CONFIG_INVALID' } })
    expect(await areNew()).toEqual([false, false, false])
    expect(await admin(server, 'revokeAllSessions', { name: 'cart', storage })).toEqual({ result: null })
    expect(await areNew()).toEqual([false, false, true])
    expect(await admin(server, 'revokeAllSessions')).toEqual({ result: null })
    expect(await areNew()).toEqual([true, true, true])
    await begin()
    expect(await areNew()).toEqual([false, false, false])
  })

  it('are listed, counted and revoked by handle, without an event', async () => {
    server = await start()
    const [ada, tablet, bob] = [new Browser(server), new Browser(server), new Browser(server)]
    const answers = [await ada.ops([login('ada')]), await tablet.ops([login('ada')]), await bob.ops([login('bob', { role: 'x' })])]
    const { result: page } = await admin(server, 'listSessions', { userId: 'ada' })
    expect(page.sessions.map(({ handle }: { handle: string }) => handle).toSorted()).toEqual(answers.slice(0, 2).map(handleOf).toSorted())
    expect(page.sessions[0]).toMatchObject({ name: 'h3', userId: 'ada', createdAt: expect.any(Number), expiresAt: expect.any(Number) })
    expect(JSON.stringify(page)).not.toContain(answers[0]!.body.id)
    expect((await admin(server, 'countSessions', { userId: 'ada' })).result).toBe(2)
    expect((await admin(server, 'revokeSession', handleOf(answers[1]!))).result).toBe(true)
    expect((await admin(server, 'revokeSession', handleOf(answers[1]!))).result).toBe(false)
    expect((await tablet.ops([])).body).toMatchObject({ data: {}, isNew: true })
    expect((await ada.ops([])).body.userId).toBe('ada')
    await admin(server, 'revokeUserSessions', 'ada')
    expect((await ada.ops([])).body.userId).toBeUndefined()
    expect((await bob.ops([])).body).toMatchObject({ userId: 'bob', data: { role: 'x' } })
    await ada.ops([login('ada')])
    expect((await ada.ops([])).body.userId).toBe('ada')
    expect((await admin(server, 'countSessions', { userId: 'ada' })).result).toBe(1)
  })

  it('are logged out everywhere else, and one by its own manager', async () => {
    server = await start()
    const [here, there] = [new Browser(server), new Browser(server)]
    await here.ops([login('eve')])
    await there.ops([login('eve')])
    await here.request('/api/revoke-own?others=1')
    expect((await there.ops([])).body.userId).toBeUndefined()
    expect((await here.ops([])).body.userId).toBe('eve')
    expect((await here.request('/api/revoke-own')).body).toEqual({ id: null, data: {} })
    expect((await here.ops([])).body.userId).toBeUndefined()
  })

  it('lose no increment of requests at the same time, and need no cookie for it', async () => {
    server = await start()
    const browser = new Browser(server)
    await browser.ops([update({ count: 0 })])
    const answers = await Promise.all(Array.from({ length: 40 }, () => browser.ops([{ op: 'increment' }])))
    expect(answers.flatMap(({ setCookies }) => setCookies)).toEqual([])
    expect((await browser.ops([])).body.data).toEqual({ count: 40 })
  })

  it('with a replaced id overwrite nothing: a slow request gets an error for its writes, and its logout does nothing', async () => {
    server = await start()
    const browser = new Browser(server)
    await browser.ops([update({ cart: 1 })])
    const headers = { cookie: browser.cookieHeader }
    await browser.ops([login('ada')])
    const counted = await browser.request('/api/count', { headers })
    expect([counted.status, counted.setCookies]).toEqual([409, []])
    for (const op of ['regenerate', 'clear']) {
      const { body, setCookies } = await browser.ops([{ op }], { headers })
      expect([body.error?.code, setCookies]).toEqual([op === 'clear' ? undefined : 'SESSION_CONFLICT', []])
    }
    expect((await browser.ops([])).body).toMatchObject({ userId: 'ada', data: { cart: 1 } })
    expect((await browser.ops([login('bob')], { headers })).setCookies).toHaveLength(1)
    expect((await browser.ops([])).body.userId).toBe('bob')
  })

  it('with a replaced id are not removed by the client\'s endpoint', async () => {
    server = await start()
    const browser = new Browser(server)
    await browser.ops([update({ cart: 1 })])
    const headers = { 'cookie': browser.cookieHeader, 'sec-fetch-site': 'same-origin' }
    await browser.ops([login('ada')])
    const answer = await browser.request('/api/_session', { method: 'DELETE', headers })
    expect([answer.status, answer.setCookies]).toEqual([204, []])
    expect((await browser.ops([])).body.userId).toBe('ada')
  })

  it('get a new seal on a read if theirs is old: the response of an earlier renewal may be lost', async () => {
    server = await start({ NUXT_SESSION_IDLE_TIMEOUT: '1800' })
    const browser = new Browser(server)
    const { body: { id } } = await browser.ops([login('ada')])
    expect((await browser.request('/api/visit')).setCookies).toEqual([])
    const before = Date.now()
    browser.jar.set('h3', await sealPayload({ id, name: 'h3', sealedAt: before - 16 * 60_000 }, NUXT_SESSION_PASSWORD))
    const { setCookies: [cookie] } = await browser.request('/api/visit')
    expect((await openSeal(cookie!.value, NUXT_SESSION_PASSWORD)).sealedAt).toBeGreaterThanOrEqual(before)
    expect(Date.parse(String(cookie!.attributes.Expires))).toBeGreaterThanOrEqual(Math.trunc(before / 1000 + 1800) * 1000)
    expect((await browser.ops([])).body.userId).toBe('ada')
  })

  it('have the idleTimeout of their own login, also in later requests', async () => {
    server = await start({ NUXT_SESSION_IDLE_TIMEOUT: '60' })
    const [browser, unlimited] = [new Browser(server), new Browser(server)]
    const { body } = await browser.ops([{ op: 'regenerate', args: [{ userId: 'ada', idleTimeout: 1800 }] }])
    const readWithSealOf = async (age: number) => {
      browser.jar.set('h3', await sealPayload({ id: body.id, name: 'h3', sealedAt: Date.now() - age }, NUXT_SESSION_PASSWORD))
      return browser.request('/api/visit')
    }
    expect((await readWithSealOf(14 * 60_000)).setCookies).toEqual([])
    const before = Date.now()
    const [cookie] = (await readWithSealOf(16 * 60_000)).setCookies
    expect(Date.parse(String(cookie!.attributes.Expires))).toBeGreaterThanOrEqual(Math.trunc(before / 1000 + 1800) * 1000)
    const later = (await browser.ops([update({ a: 1 })])).body
    expect(later).toMatchObject({ userId: 'ada', data: { a: 1 } })
    expect(later.expiresAt).toBeGreaterThanOrEqual(before + 1_800_000)
    await unlimited.ops([{ op: 'regenerate', args: [{ userId: 'ada', maxAge: 86_400, idleTimeout: false }] }])
    const { expiresAt, createdAt } = (await unlimited.ops([update({ a: 1 })])).body
    expect(expiresAt).toBe(createdAt! + 86_400_000)
  })

  it.each<[string, { isWrite?: true, status?: number }, Operation[]]>([
    ['a read', {}, [login('bob')]],
    ['a write', { isWrite: true }, [login('bob')]],
    ['a read that fails', { status: 404 }, [login('bob')]],
    ['a read', {}, [{ op: 'clear' }]],
    ['a write', { isWrite: true }, [{ op: 'clear' }]],
  ])('are not renewed by %s that was overtaken: %j, %j', async (_, slow, ops) => {
    server = await start({ NUXT_SESSION_IDLE_TIMEOUT: '1800' })
    const browser = new Browser(server)
    const { body: { id } } = await browser.ops([login('ada')])
    browser.jar.set('h3', await sealPayload({ id, name: 'h3', sealedAt: Date.now() - 16 * 60_000 }, NUXT_SESSION_PASSWORD))
    const { status, body, setCookies } = await browser.request('/api/overtaken', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...slow, ops, origin: server.url }),
    })
    if (!('status' in slow)) expect(body).toEqual({ userId: 'ada', overtook: [expect.stringContaining('h3=')] })
    expect([status, setCookies]).toEqual([slow.status ?? 200, []])
  })
})

it('four servers lose none of 400 increments of one session in Redis', async () => {
  const env = { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'redis', TEST_REDIS_PORT: String(redis.port) }
  const servers = [await testServer('main', env), await testServer('main', env), await testServer('main', env), await testServer('main', env)]
  const browser = new Browser(servers[0]!)
  await browser.ops([update({ count: 0 })])
  const outcomes = await Promise.all(servers.map(async (server) => {
    const statuses: unknown[] = []
    for (let done = 0; done < 100;) {
      const twin = new Browser(server)
      for (const [name, value] of browser.jar) twin.jar.set(name, value)
      const { body } = await twin.ops([{ op: 'increment' }])
      if (body.error === undefined) done++
      else statuses.push(body.error.code)
    }
    return statuses
  }))
  // A lost race is reported and tried again, so no update is lost silently.
  expect(new Set(outcomes.flat())).toEqual(outcomes.flat().length > 0 ? new Set(['SESSION_CONFLICT']) : new Set())
  expect((await browser.ops([])).body.data).toEqual({ count: 400 })
})

it('a killed Redis logs no user out: 503 while it is down, and service without a restart when it is back', async () => {
  const own = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always')
  try {
    const server = await testServer('main', {
      NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'redis', NUXT_SESSION_STORE_TIMEOUT: '500', TEST_REDIS_PORT: String(own.port),
    })
    const browser = new Browser(server)
    await browser.ops([login('ada', { a: 1 })])
    const cookie = browser.cookieHeader
    await own.kill()
    const read = await browser.request('/api/count')
    expect([read.status, read.setCookies]).toEqual([503, []])
    expect((await browser.ops([update({ b: 1 })])).body.error).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', statusCode: 503 })
    expect((await new Browser(server).ops([])).body).toMatchObject({ isNew: true, data: {} })
    expect(browser.cookieHeader).toBe(cookie)
    await own.start()
    await until(async () => (await browser.ops([])).body.userId === 'ada')
    expect((await browser.ops([])).body.data).toEqual({ a: 1 })
    expect(server.log).not.toContain('"a":1')
  }
  finally {
    await own.stop()
  }
})

it('a login whose old id the store does not end in time is an error with the cookie of the new one', async () => {
  const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'silent', NUXT_SESSION_STORE_TIMEOUT: '200' })
  const browser = new Browser(server)
  await browser.ops([update({ cart: 1 })])
  const headers = { cookie: browser.cookieHeader }
  const { status, setCookies } = await browser.request('/api/login')
  expect([status, setCookies.map(({ name }) => name)]).toEqual([503, ['h3']])
  expect((await browser.ops([])).body).toMatchObject({ userId: 'ada', data: { cart: 1 } })
  const old = await new Browser(server).ops([], { headers })
  expect(old.body).toMatchObject({ data: { cart: 1 } })
  expect(old.body.userId).toBeUndefined()
  const { body: { error } } = await browser.ops([{ op: 'regenerate', args: [{ userId: 'ada' }] }])
  expect(error).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', message: expect.stringContaining('may or may not have been written') })
})

it('the embedded store keeps sessions in files below .data/session, over a restart', async () => {
  const env = { APP_SESSION_PASSWORD: NUXT_SESSION_PASSWORD }
  const directory = join((await buildApp('small')).outputDir, '.data/session')
  await rm(directory, { recursive: true, force: true })
  const browser = new Browser(await testServer('small', env))
  const { body } = await browser.request('/api/filed')
  expect(await readdir(directory)).toContain(body.handle)
  expect(await readFile(join(directory, body.handle), 'utf8')).not.toContain(body.id)
  browser.server = await testServer('small', env)
  expect((await browser.request('/api/filed')).body).toMatchObject({ id: body.id, count: 2 })
}, 240_000)

it('a session of a call\'s own store is revoked there by its manager', async () => {
  const server = await testServer('main', { NUXT_SESSION_PASSWORD })
  const browser = new Browser(server)
  const config = { storage: 'memory' }
  await browser.ops([login('ada')], { config })
  expect((await browser.ops([], { config })).body.userId).toBe('ada')
  await browser.request('/api/revoke-own?storage=memory')
  expect((await browser.ops([], { config })).body.userId).toBeUndefined()
})

describe('at start-up', () => {
  it('the log names the limits of a store', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'memory' })
    await until(() => server.log.includes('several instances'))
    expect(server.log.split(`The store "${storeName('memory')}" loses no update within one server process`)).toHaveLength(2)
    const other = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'redis', TEST_REDIS_PORT: String(redis.port) })
    await new Browser(other).ops([update({ a: 1 })])
    expect(other.log).not.toContain(`The store "${storeName('redis')}"`)
  })

  it('the log names an eventually consistent store, and what that means', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'far' })
    await new Browser(server).ops([update({ a: 1 })])
    expect(server.log.split('The store "far" (unstorage driver "cloudflare-kv-binding") is eventually consistent.')).toHaveLength(2)
    expect(server.log).not.toContain('loses no update')
  })

  it('a missing mount is an error with the fix, and fails the request', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'nowhere' })
    await until(() => server.stderr.includes('nitro: { storage: { "nowhere"'))
    const { body } = await new Browser(server).ops([])
    expect(body.error).toMatchObject({ code: 'SESSION_CONFIG_INVALID', statusCode: 500 })
  })

  it('without a store, the administration calls throw with the fix', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD })
    for (const [call, ...args] of [['listSessions'], ['countSessions'], ['revokeSession', 'a'.repeat(64)], ['revokeUserSessions', 'ada'], ['revokeAllSessions']])
      expect(await admin(server, call!, ...args)).toEqual({ error: { code: 'SESSION_STORE_REQUIRED', statusCode: 500 } })
  })
})
