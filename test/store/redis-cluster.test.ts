import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COPY_SUFFIXES, slotOf } from '../../src/runtime/core/store/backends/redis-slots'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { until } from '../support/until'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisCluster } from './support/redis-cluster'
import type { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const SESSIONS = 300
const HOUR = 60 * 60 * 1000

const opened = new Opened()
let cluster: RedisCluster
let driver: StoreDriver
let store: SessionStore
let handles: string[]

beforeAll(async () => {
  cluster = await RedisCluster.start(3)
  opened.add(() => cluster.stop())
  driver = opened.driver({ driver: 'redis-cluster', port: cluster.port })
  store = createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 })
  handles = Array.from({ length: SESSIONS }, () => nodeEnvironment.hash(Math.random().toString()))
  await Promise.all(handles.map(handle => store.create(handle, recordAt(Date.now()))))
})
afterAll(() => opened.close())

/** The index of the master that has each key. */
async function places(keys: string[]): Promise<number[]> {
  const clients = cluster.masters.map(({ port }) => new Redis({ host: '127.0.0.1', port }))
  try {
    const sets = await Promise.all(clients.map(async client => new Set(await client.keys('*'))))
    return keys.map(key => sets.findIndex(set => set.has(key)))
  }
  finally {
    for (const client of clients) client.disconnect()
  }
}

const shardOf = (handle: string) => `sessions:${handle[0]}${(Number.parseInt(handle[1]!, 16) & ~1).toString(16)}`

it('the index of all sessions is on all masters, in shards', async () => {
  const shards = [...new Set(handles.map(shardOf))]
  const counts = [0, 0, 0]
  for (const place of await places(shards)) counts[place]!++
  for (const count of counts) expect(count).toBeGreaterThan(shards.length / 6)
  expect(await store.count({})).toBe(SESSIONS)
})

it('slots are computed as Redis does, and the copies of the app\'s epoch are in all of them', async () => {
  const keys = ['a', 'foo{bar}baz', '{}x', 'x{}y{z}', '{{a}}', 'é', ...handles.slice(0, 50)]
  expect(keys.map(slotOf)).toEqual(await Promise.all(keys.map(key => cluster.masters[0]!.command('CLUSTER', 'KEYSLOT', key))))
  const slots = COPY_SUFFIXES.map(slotOf)
  for (const [at, slot] of slots.entries()) expect(Math.floor(slot * slots.length / 16_384)).toBe(at)
  await store.raiseAppEpoch('other')
  const copies = COPY_SUFFIXES.map(suffix => `uepoch:${nodeEnvironment.hash('')}${suffix}`)
  expect(new Set(await places(copies))).toEqual(new Set([0, 1, 2]))
})

/** Renews and ends sessions while the master of their shards is away, and waits until their lists are right. */
async function renewWithout(down: RedisServer, end: () => unknown, begin: () => unknown, repair?: () => Promise<unknown>): Promise<void> {
  const place = cluster.masters.indexOf(down)
  handles = Array.from({ length: SESSIONS }, () => nodeEnvironment.hash(Math.random().toString()))
  await Promise.all(handles.map(handle => store.create(handle, recordAt(Date.now()))))
  const [records, shards] = [await places(handles), await places(handles.map(shardOf))]
  const chosen = handles.filter((_handle, at) => records[at] !== place && shards[at] === place)
  expect(chosen.length).toBeGreaterThan(10)
  await end()
  const times = { lastSeenAt: Date.now() + 1000, expiresAt: Date.now() + 3 * HOUR }
  const [touched, destroyed, ...updated] = chosen.slice(0, 8)
  expect(await store.touch(touched!, times)).toHaveProperty('record.expiresAt', times.expiresAt)
  for (const handle of updated)
    expect(await store.update(handle, record => ({ ...record, ...times, data: { late: true } }))).toHaveProperty('record.data', { late: true })
  expect(await store.destroy(destroyed!, { reason: 'revoked', until: Date.now() + HOUR })).toBe('destroyed')
  await begin()
  // In two hours, only the renewed sessions are alive.
  const later = createSessionStore({ driver: opened.driver({ driver: 'redis-cluster', port: cluster.port }) },
    { ...nodeEnvironment, now: () => Date.now() + 2 * HOUR }, { timeout: 20_000 })
  await until(async () => {
    await repair?.()
    return await later.count({}).catch(() => undefined) === updated.length + 1
  })
  expect((await later.list({})).entries.map(entry => entry.key).sort()).toEqual([touched, ...updated].sort())
  for (const handle of [touched, ...updated]) await store.destroy(handle!, { reason: 'revoked', until: Date.now() + HOUR })
}

it('a write of an existing session does not wait for the master of its shard, whose entry is renewed later', async () => {
  const down = cluster.masters[2]!
  await renewWithout(down, () => down.signal('SIGSTOP'), () => down.signal('SIGCONT'))
})

it('the sweep renews the entries that a master did not take before it was down', async () => {
  const down = cluster.masters[2]!
  let failures = 0
  const client = driver.getInstance!() as Record<string, (...args: unknown[]) => Promise<unknown>>
  const add = client['h3session:add']!.bind(client)
  client['h3session:add'] = (...args) => add(...args).catch((error: unknown) => {
    failures++
    throw error
  })
  await renewWithout(down, () => down.kill(), async () => {
    await until(() => failures === 7)
    await down.start()
  }, () => store.sweep(100).catch(() => undefined))
})
