import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { CuttingProxy } from './support/cutting-proxy'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { recordAt, regenerate } from './support/scenarios'
import { SqlServer } from './support/sql-server'

const WRITERS = 4

const opened = new Opened()
afterAll(() => opened.close())

const newHandle = () => nodeEnvironment.hash(Math.random().toString())

describe.each([
  ['Redis', 'redis', RedisServer.start], ['PostgreSQL', 'postgresql-pool', SqlServer.postgresql], ['MariaDB', 'mysql-pool', SqlServer.mariadb],
] as const)('a connection to %s that is cut after the command was executed', (_name, driver, start) => {
  let port: number
  let proxies: CuttingProxy[]
  let stores: SessionStore[]
  beforeAll(async () => { port = await opened.portOf(start()) })

  // Each store has its own connections, of which one is cut: the others go on writing meanwhile.
  beforeEach(async () => {
    proxies = await Promise.all(Array.from({ length: WRITERS }, () => CuttingProxy.start(port)))
    stores = proxies.map((proxy) => {
      opened.add(() => proxy.stop())
      return createSessionStore({ driver: opened.driver({ driver, port: proxy.port }) }, nodeEnvironment, { timeout: 20_000 })
    })
  })

  const cuts = () => proxies.reduce((sum, proxy) => sum + proxy.cuts, 0)

  function cutEvery(nth: number): void {
    for (const proxy of proxies) proxy.cutEvery(nth)
  }

  it('counts each acknowledged update once', async () => {
    const handle = newHandle()
    await stores[0]!.create(handle, recordAt(Date.now(), { data: { count: 0 } }))
    cutEvery(7)
    let acknowledged = 0
    await Promise.all(stores.map(async (store) => {
      for (let times = 0; times < 40; times++) {
        const isDone = await store.update(handle, record => ({ ...record, data: { count: record.data.count + 1 } })).then(() => true, () => false)
        if (isDone) acknowledged++
      }
    }))
    cutEvery(Infinity)
    expect(cuts()).toBeGreaterThan(10)
    expect(await stores[0]!.get(handle)).toHaveProperty('record.data', { count: acknowledged })
    expect(acknowledged).toBe(WRITERS * 40)
  })

  it('ends sessions above a limit, each once, at the next login at the latest', async () => {
    const userId = 'ada'
    let changes = 0
    // Each third change of the user's epoch, or tombstone.
    for (const proxy of proxies) proxy.isCut = request => /evalsha|update|insert/i.test(request) && /uepoch|"dead"/.test(request.replaceAll('\\', '')) && ++changes % 3 === 0
    const logins: string[] = []
    const ended: string[] = []
    await Promise.all(stores.map(async (store) => {
      for (let number = 0; number < 10; number++) {
        const handle = newHandle()
        const record = recordAt(Date.now(), { userId, epoch: await store.epoch(userId) })
        await store.create(handle, record)
        logins.push(handle)
        const entries = await store.endOldest(handle, record, 3).catch((error: Error) => {
          expect(error.message).toContain('may or may not have been written')
          return []
        })
        for (const { key } of entries) ended.push(key)
      }
    }))
    for (const proxy of proxies) proxy.isCut = () => false
    expect(cuts()).toBeGreaterThan(10)
    // The next login ends what a failed one has left.
    const last = newHandle()
    const record = recordAt(Date.now(), { userId, epoch: await stores[0]!.epoch(userId) })
    await stores[0]!.create(last, record)
    logins.push(last)
    for (const { key } of await stores[0]!.endOldest(last, record, 3)) ended.push(key)
    expect(new Set(ended).size).toBe(ended.length)
    const states = await Promise.all(logins.map(handle => stores[0]!.get(handle, userId)))
    expect(states.filter(state => state !== undefined && 'record' in state)).toHaveLength(3)
    expect((await stores[0]!.list({ userId })).entries).toHaveLength(3)
  })

  it('ends all sessions, or says that it may not have done so', async () => {
    const handles = Array.from({ length: WRITERS }, newHandle)
    await Promise.all(handles.map(handle => stores[0]!.create(handle, recordAt(Date.now()))))
    for (const proxy of proxies) proxy.isCut = request => /evalsha|update|insert/i.test(request) && request.includes('uepoch')
    const outcomes = await Promise.all(stores.map(store => store.raiseAppEpoch(undefined).then(() => 'done', (error: Error) => error.message)))
    for (const outcome of outcomes) expect(outcome).toMatch(/^done$|may or may not have been written/)
    for (const proxy of proxies) proxy.isCut = () => false
    for (const handle of handles) expect(await stores[0]!.get(handle)).toEqual({ dead: 'revoked' })
    const appEpoch = await stores[1]!.appEpoch(undefined)
    const next = newHandle()
    await stores[1]!.create(next, recordAt(Date.now(), { appEpoch }))
    expect(await stores[0]!.get(next)).toHaveProperty('record.appEpoch', appEpoch)
  })

  it('loses no login: the old session has ended, the new one is alive and listed once', async () => {
    const appEpoch = await stores[0]!.appEpoch(undefined)
    cutEvery(5)
    const logins: { old: string, next: string, userId: string, outcome: unknown }[] = []
    await Promise.all(stores.map(async (store, at) => {
      for (let number = 0; number < 20; number++) {
        const [old, next, userId] = [newHandle(), newHandle(), `user ${at}-${number}`]
        await store.create(old, recordAt(Date.now(), { userId, appEpoch }))
        logins.push({ old, next, userId, outcome: await regenerate(store, old, next) })
      }
    }))
    cutEvery(Infinity)
    expect(cuts()).toBeGreaterThan(10)
    for (const { old, next, userId, outcome } of logins) {
      expect(outcome).toBe('destroyed')
      expect(await stores[0]!.get(old)).toHaveProperty('dead', 'superseded')
      expect((await stores[0]!.list({ userId })).entries.map(entry => entry.key)).toEqual([next])
    }
  })
})
