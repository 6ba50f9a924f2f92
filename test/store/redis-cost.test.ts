import { Redis } from 'ioredis'
import type { Cluster } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { TestApp } from '../unit/support/app'
import type { Visit } from '../unit/support/app'
import type { DriverOptions } from './support/driver'
import { Opened } from './support/opened'
import { RedisCluster } from './support/redis-cluster'
import { RedisMonitor } from './support/redis-monitor'
import { RedisServer } from './support/redis-server'

// The data of a session: 107 bytes as JSON.
const DATA = { cart: ['a'.repeat(36), 'b'.repeat(28)], theme: 'dark', visits: 12 }
const SESSIONS = 1000

const opened = new Opened()
let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  opened.add(() => server.stop())
  redis = new Redis({ host: '127.0.0.1', port: server.port })
  opened.add(() => redis.disconnect())
})
afterAll(() => opened.close())
beforeEach(() => redis.flushall())

function givenApp(options: DriverOptions = { driver: 'redis', port: server.port, base: 'sessions' }, config: SessionRuntimeConfig = {}) {
  const app = new TestApp({ storage: 'session', storeTimeout: 20_000, idleTimeout: 3600, saveUninitialized: false, ...config })
  app.env.driver = opened.driver(options)
  return app
}

type Request = (visit: Visit) => Promise<unknown>
const read: Request = async ({ use }) => (await use()).data
const write: Request = async ({ use }) => (await use()).update(DATA)
const login: Request = async ({ use }) => (await use()).regenerate({ userId: 'ada' })
const loginOfAnother: Request = async ({ use }) => (await use()).regenerate({ userId: crypto.randomUUID() })
const newId: Request = async ({ use }) => (await use()).regenerate()
const logout: Request = async ({ use }) => (await use()).clear()

// What ioredis sends for itself.
const NOT_COUNTED = new Set(['cluster', 'info', 'ping'])

/** Each kind of request, in this order, and its number of commands. */
const KINDS: [kind: string, request: Request, single: number, cluster: number][] = [
  ['first write', write, 2, 3],
  ['read', read, 1, 2],
  ['write', write, 2, 3],
  ['login', login, 4, 8],
  ['user\'s read', read, 1, 3],
  ['user\'s write', write, 3, 6],
  ['user\'s new id', login, 5, 12],
  ['logout', logout, 3, 8],
]

it('one server executes few commands of a request', async () => {
  const app = givenApp()
  const monitor = await startMonitor(server.port)
  expect(await countCommands(app, [monitor], () => Promise.resolve())).toEqual(Object.fromEntries(KINDS.map(([kind, , single]) => [kind, single])))
})

it('a cluster executes few commands of a request', async () => {
  const cluster = await RedisCluster.start(3)
  opened.add(() => cluster.stop())
  const app = givenApp({ driver: 'redis-cluster', port: cluster.port, base: 'sessions' })
  // The first request with several keys shows the store that it is a cluster.
  await app.browser().visit(login)
  const monitors = await Promise.all(cluster.masters.map(({ port }) => startMonitor(port)))
  const client = app.env.driver.getInstance!() as Cluster
  // Each connection sends its commands in order.
  const settle = () => Promise.all(client.nodes('master').map(node => node.ping()))
  expect(await countCommands(app, monitors, settle)).toEqual(Object.fromEntries(KINDS.map(([kind, , , count]) => [kind, count])))
})

it('with maxUserSessions, a login executes two commands more, and four if it ends a session', async () => {
  const app = givenApp(undefined, { maxUserSessions: 2 })
  const monitor = await startMonitor(server.port)
  const commandsOf = async () => {
    await monitor.take()
    await app.browser().visit(login)
    app.pass(1)
    return (await monitor.take()).filter(name => !NOT_COUNTED.has(name)).sort()
  }
  // The first use of a script sends its text.
  for (let times = 0; times < 3; times++) await commandsOf()
  await app.env.storeOf(app.resolve()).raiseEpoch('ada')
  const below = ['evalsha', 'evalsha', 'get', 'mget', 'mget']
  expect([await commandsOf(), await commandsOf(), await commandsOf()]).toEqual([below, below, ['evalsha', 'evalsha', ...below]])
})

async function startMonitor(port: number): Promise<RedisMonitor> {
  const monitor = await RedisMonitor.start(port)
  opened.add(() => monitor.stop())
  return monitor
}

/** `settle` waits for the commands that a request has sent and not awaited. */
async function countCommands(app: TestApp, monitors: RedisMonitor[], settle: () => Promise<unknown>): Promise<Record<string, number>> {
  const take = async () => (await Promise.all(monitors.map(monitor => monitor.take()))).flat().filter(name => !NOT_COUNTED.has(name))
  const counts: Record<string, number> = {}
  const browser = app.browser()
  for (const [kind, request] of KINDS) {
    app.pass(1)
    await take()
    await browser.visit(request)
    await settle()
    counts[kind] = (await take()).length
  }
  return counts
}

const ID = /[\da-f]{64}$/

describe(`one of ${SESSIONS} sessions with 107 bytes of data`, () => {
  it.each<[kind: string, requests: Request[], bytes: number]>([
    ['of a visitor', [], 400],
    ['of a user, each of another one', [loginOfAnother], 700],
    ['of a user, each of another one, with a second new id', [loginOfAnother, newId], 700],
  ])('%s takes few bytes', async (kind, requests, bytes) => {
    expect(JSON.stringify(DATA)).toHaveLength(107)
    const app = givenApp()
    const browsers = Array.from({ length: SESSIONS }, () => app.browser())
    await Promise.all(browsers.map(async (browser) => {
      await browser.visit(write)
      for (const request of requests) await browser.visit(request)
    }))
    // Tombstones are kept for an hour only.
    const keys = await redis.keys('*')
    const values = await Promise.all(keys.map(key => (ID.test(key) ? redis.get(key).catch(() => null) : null)))
    const used = { records: 0, index: 0 }
    for (const [at, key] of keys.entries()) {
      if (values[at]?.includes('"dead"')) continue
      used[values[at] ? 'records' : 'index'] += (await redis.memory('USAGE', key, 'SAMPLES', 0))! / SESSIONS
    }
    expect(await app.env.storeOf(app.resolve()).count({})).toBe(SESSIONS)
    if (process.env.SHOW_COST) console.info(kind, used)
    expect(used.records + used.index).toBeLessThan(bytes)
  })
})
