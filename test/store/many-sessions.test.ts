import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

// SESSIONS=1000000 takes some minutes.
const SESSIONS = Number(process.env.SESSIONS ?? 20_000)
const OF_ADA = 10
const BATCH = 500

const opened = new Opened()
let store: SessionStore
let redis: Redis

beforeAll(async () => {
  const server = await RedisServer.start()
  opened.add(() => server.stop())
  redis = new Redis({ host: '127.0.0.1', port: server.port })
  opened.add(() => redis.disconnect())
  store = createSessionStore({ driver: opened.driver({ driver: 'redis', port: server.port }) }, nodeEnvironment, { timeout: 20_000 })
})
afterAll(() => opened.close())

const handleOf = (at: number) => nodeEnvironment.hash(`session ${at}`)

async function fill(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BATCH) {
    const places = Array.from({ length: Math.min(BATCH, to - start) }, (_item, at) => start + at)
    await Promise.all(places.map(at => store.create(handleOf(at), recordAt(Date.now(), {
      // Ten sessions are Ada's, all others are of users with ten each.
      userId: at < OF_ADA ? 'ada' : `user ${Math.floor(at / 10)}`,
      data: { cart: 'x'.repeat(100) },
    }))))
  }
}

/** The number of calls of each Redis command, and their time in Redis, in microseconds for each run. */
async function measure(run: () => Promise<unknown>, times = 50) {
  // The first call sends the script's text to Redis.
  await run()
  await redis.config('RESETSTAT')
  const start = performance.now()
  for (let round = 0; round < times; round++) await run()
  const ms = (performance.now() - start) / times
  const stats = [...(await redis.info('commandstats')).matchAll(/cmdstat_(\S+?):calls=(\d+),usec=(\d+)/g)]
    .map(([, name, calls, usec]) => ({ name: name!, calls: Number(calls) / times, usec: Number(usec) / times }))
    .filter(({ name }) => !name.startsWith('config') && name !== 'info')
  return { calls: Object.fromEntries(stats.map(({ name, calls }) => [name, calls])), usec: stats.reduce((sum, { usec }) => sum + usec, 0), ms }
}

it(`the commands for a read and for a user's list are as many with ${SESSIONS} sessions as with ten`, { timeout: 30 * 60_000 }, async () => {
  const read = () => store.get(handleOf(3))
  const list = () => store.list({ userId: 'ada' })
  const page = () => store.list({ limit: 10 })
  const count = () => store.count({})
  await fill(0, OF_ADA)
  const few = { read: await measure(read), list: await measure(list), page: await measure(page), count: await measure(count) }
  await fill(OF_ADA, SESSIONS)
  const many = { read: await measure(read), list: await measure(list), page: await measure(page), count: await measure(count) }
  expect((await list()).entries).toHaveLength(OF_ADA)
  expect(await count()).toBe(SESSIONS)
  expect(many.read.calls).toEqual({ mget: 2 })
  expect(many.read.calls).toEqual(few.read.calls)
  expect(many.list.calls).toEqual(few.list.calls)
  expect(many.count.calls).toEqual(few.count.calls)
  const end = await measure(() => store.raiseAppEpoch(undefined), 1)
  expect(await store.get(handleOf(SESSIONS - 1))).toEqual({ dead: 'revoked' })
  expect((await list()).entries).toEqual([])
  if (process.env.SESSIONS) console.info(JSON.stringify({ few, many, end, memory: /used_memory_human:\S+/.exec(await redis.info('memory'))?.[0] }, null, 1))
})
