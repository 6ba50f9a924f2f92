import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestApp } from '../unit/support/app'
import type { Visit } from '../unit/support/app'
import { Opened } from './support/opened'
import { RedisMonitor } from './support/redis-monitor'
import { RedisServer } from './support/redis-server'

// The data of a session: 107 bytes as JSON.
const DATA = { cart: ['a'.repeat(36), 'b'.repeat(28)], theme: 'dark', visits: 12 }
const SESSIONS = 1000

const opened = new Opened()
let server: RedisServer
let redis: Redis
let monitor: RedisMonitor

beforeAll(async () => {
  server = await RedisServer.start()
  opened.add(() => server.stop())
  redis = new Redis({ host: '127.0.0.1', port: server.port })
  opened.add(() => redis.disconnect())
  monitor = await RedisMonitor.start(server.port)
  opened.add(() => monitor.stop())
})
afterAll(() => opened.close())
beforeEach(() => redis.flushall())

function givenApp() {
  const app = new TestApp({ storage: 'session', idleTimeout: 3600, saveUninitialized: false })
  app.env.driver = opened.driver({ driver: 'redis', port: server.port, base: 'sessions' })
  return app
}

type Request = (visit: Visit) => Promise<unknown>
const read: Request = async ({ use }) => (await use()).data
const write: Request = async ({ use }) => (await use()).update(DATA)
const login: Request = async ({ use }) => (await use()).regenerate({ userId: 'ada' })
const logout: Request = async ({ use }) => (await use()).clear()

it('the commands of each kind of request are few', async () => {
  const app = givenApp()
  // The first run sends the scripts' texts to Redis.
  await everyKind(app, () => undefined)
  const counts: Record<string, number> = {}
  await everyKind(app, (kind, commands) => { counts[kind] = commands.length })
  expect(counts).toEqual({ 'first write': 1, 'read': 1, 'write': 2, 'login': 4, 'user\'s read': 1, 'user\'s write': 3, 'new id': 5, 'logout': 3 })
})

async function everyKind(app: TestApp, note: (kind: string, commands: string[]) => void): Promise<void> {
  const browser = app.browser()
  for (const [kind, request] of Object.entries({ 'first write': write, read, write, login, 'user\'s read': read, 'user\'s write': write, 'new id': login, logout })) {
    app.pass(1)
    await monitor.take()
    await browser.visit(request)
    note(kind, await monitor.take())
  }
}

const ID = /[\da-f]{64}$/

describe(`one of ${SESSIONS} sessions with 107 bytes of data`, () => {
  it.each<[kind: string, request: Request | undefined, bytes: number]>([
    ['of a visitor', undefined, 450],
    ['of a user, each of another one', async ({ use }) => (await use()).regenerate({ userId: crypto.randomUUID() }), 800],
  ])('%s takes few bytes', async (kind, request, bytes) => {
    expect(JSON.stringify(DATA)).toHaveLength(107)
    const app = givenApp()
    const browsers = Array.from({ length: SESSIONS }, () => app.browser())
    await Promise.all(browsers.map(async (browser) => {
      await browser.visit(write)
      if (request) await browser.visit(request)
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
