import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { usedHeap } from '../unit/support/app'
import { CuttingProxy } from './support/cutting-proxy'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { recordAt, regenerate } from './support/scenarios'
import { SqlServer } from './support/sql-server'

// npm run test:faults. Minutes for each store.
const MINUTES = Number(process.env.SOAK_MINUTES ?? 0)
const STORES = 4
const VISITORS = 16
const STORE_TIMEOUT = 2000
// Of the writes of a connection.
const CUT_EVERY = 50
const MIB = 1024 * 1024
// A leak of 200 bytes for each visit exceeds it in ten minutes.
const MAX_HEAP = 8 * MIB

const opened = new Opened()
afterAll(() => opened.close())

const newHandle = () => nodeEnvironment.hash(Math.random().toString())
const codeOf = (error: unknown) => String((error as { code?: unknown }).code)

/** A session that all visitors increment, and what its updates said. */
interface Counter { handle: string, acknowledged: number, unknown: number }

interface Totals { updates: number, logins: number, logouts: number, revocations: number, errors: Record<string, number> }

/** What one visitor does. Throws if an ended session is alive, or a new one is not. */
async function visit(store: SessionStore, counters: Counter[], totals: Totals): Promise<void> {
  const counter = counters[Math.floor(Math.random() * counters.length)]!
  try {
    await store.update(counter.handle, record => ({ ...record, data: { count: Number(record.data.count) + 1 } }))
    counter.acknowledged++
    totals.updates++
  }
  catch (error) {
    if (codeOf(error) === 'SESSION_STORE_UNAVAILABLE') counter.unknown++
    throw error
  }
  const [old, next, userId] = [newHandle(), newHandle(), newHandle()]
  await store.create(old, recordAt(Date.now(), { userId }))
  const outcome = await regenerate(store, old, next)
  expect([outcome, await store.get(old)]).toEqual(['destroyed', { dead: 'superseded', successor: undefined }])
  totals.logins++
  if (Math.random() < 0.5) {
    await store.raiseEpoch(userId)
    totals.revocations++
  }
  else {
    await store.destroy(next, { reason: 'revoked', until: Date.now() + 60_000 })
    totals.logouts++
  }
  expect(await store.get(next)).toEqual({ dead: 'revoked' })
}

describe.skipIf(MINUTES === 0).each([
  ['Redis', 'redis', RedisServer.start], ['PostgreSQL', 'postgresql-pool', SqlServer.postgresql], ['MariaDB', 'mysql-pool', SqlServer.mariadb],
] as const)('%s whose connections are cut', (name, driver, start) => {
  it('loses no acknowledged update and no login, and brings back no ended session', { timeout: (MINUTES + 2) * 60_000 }, async () => {
    const port = await opened.portOf(start())
    const proxies = await Promise.all(Array.from({ length: STORES }, () => CuttingProxy.start(port)))
    const stores = proxies.map((proxy) => {
      opened.add(() => proxy.stop())
      return createSessionStore({ driver: opened.driver({ driver, port: proxy.port }) }, nodeEnvironment, { timeout: STORE_TIMEOUT })
    })
    const counters: Counter[] = Array.from({ length: 8 }, () => ({ handle: newHandle(), acknowledged: 0, unknown: 0 }))
    for (const { handle } of counters) await stores[0]!.create(handle, recordAt(Date.now(), { data: { count: 0 } }))
    for (const proxy of proxies) proxy.cutEvery(CUT_EVERY)
    const totals: Totals = { updates: 0, logins: 0, logouts: 0, revocations: 0, errors: {} }
    const visitFor = async (ms: number) => {
      const end = Date.now() + ms
      await Promise.all(Array.from({ length: VISITORS }, async (_item, at) => {
        while (Date.now() < end) {
          await visit(stores[at % STORES]!, counters, totals).catch((error: unknown) => {
            if (!(error as { code?: unknown }).code) throw error
            totals.errors[codeOf(error)] = (totals.errors[codeOf(error)] ?? 0) + 1
          })
        }
      }))
      // mysql2 keeps a connection that was cut until its last statement would have timed out.
      await delay(2 * STORE_TIMEOUT)
      return usedHeap()
    }
    // Until the code is compiled and the caches are full.
    const heapBefore = await visitFor(MINUTES * 6000)
    const heap = await visitFor(MINUTES * 60_000) - heapBefore
    for (const proxy of proxies) proxy.cutEvery(Infinity)
    const cuts = proxies.reduce((sum, proxy) => sum + proxy.cuts, 0)
    console.info(`${name}: ${JSON.stringify({ ...totals, cuts, 'heap in MiB more': Math.round(heap / MIB * 10) / 10 })}`)
    expect(Object.keys(totals.errors).filter(code => !/^SESSION_(?:STORE_UNAVAILABLE|CONFLICT)$/.test(code))).toEqual([])
    expect(cuts).toBeGreaterThan(0)
    expect(heap).toBeLessThan(MAX_HEAP)
    for (const { handle, acknowledged, unknown } of counters) {
      const found = await stores[0]!.get(handle)
      const count = found && 'record' in found ? Number(found.record.data.count) : undefined
      // An update with an unknown outcome may have been written.
      expect(count).toBeGreaterThanOrEqual(acknowledged)
      expect(count).toBeLessThanOrEqual(acknowledged + unknown)
    }
  })
})
