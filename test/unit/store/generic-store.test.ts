import { beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { Alive, SessionStore } from '../../../src/runtime/core/store/store'
import { FakeStoreEnvironment, settle } from './support/fake-environment'
import { MapDriver } from './support/map-driver'

const TIMEOUT = 2000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let env: FakeStoreEnvironment
let driver: MapDriver
let store: SessionStore
let handle: string

beforeEach(() => {
  env = new FakeStoreEnvironment()
  driver = new MapDriver()
  store = createSessionStore({ driver, prefix: 'app' }, env, { timeout: TIMEOUT })
  handle = env.handle('a')
})

/** Creates a long-lived session of the user. */
async function bound(userId: string): Promise<string> {
  await store.create(env.handle(userId), env.record({ userId, epoch: await store.epoch(userId), expiresAt: env.time + 390 * DAY }))
  return env.handle(userId)
}

const keyOf = (name: string) => `app:${env.handle(name)}`

describe('a driver with a TTL', () => {
  it('gets it in seconds, for records, tombstones and user entries', async () => {
    await store.create(handle, env.record({ userId: 'ada', expiresAt: env.time + 1500 }))
    await store.destroy(env.handle('b'), { reason: 'revoked', until: env.time + HOUR })
    expect([...driver.ttls.values()].sort()).toEqual([2, 2, 3600])
  })

  it('gets one for an epoch that is longer than any session', async () => {
    await store.raiseEpoch('ada')
    expect([...driver.ttls.values()]).toEqual([401 * DAY / 1000])
  })
})

describe('an ended session', () => {
  it('gets its tombstone at a separate key, before its record is removed', async () => {
    await store.create(handle, env.record())
    driver.takeCalls('getItem')
    await store.destroy(handle, { reason: 'revoked', until: env.time + HOUR })
    const writes = driver.calls.filter(call => call.method !== 'getItem')
    expect(writes).toEqual([{ method: 'setItem', key: `app:dead:${handle}` }, { method: 'removeItem', key: keyOf('a') }])
  })

  it('is removed again if a late writer of another process stores it', async () => {
    await store.create(handle, env.record())
    const item = driver.items.get(keyOf('a'))
    await store.destroy(handle, { reason: 'revoked', until: env.time + HOUR })
    driver.items.set(keyOf('a'), item)
    expect(await store.get(handle)).toEqual({ dead: 'revoked' })
    expect(driver.items.has(keyOf('a'))).toBe(false)
  })

  it('stays ended if removing its record fails', async () => {
    await store.create(handle, env.record())
    driver.before = (method) => { if (method === 'removeItem') throw new Error('down') }
    expect(await store.destroy(handle, { reason: 'revoked', until: env.time + HOUR })).toBe('destroyed')
    expect(await store.get(handle)).toEqual({ dead: 'revoked' })
  })

  it('does not come back when its tombstone expires', async () => {
    await store.create(handle, env.record({ expiresAt: env.time + 10 * HOUR }))
    const item = driver.items.get(keyOf('a'))
    await store.destroy(handle, { reason: 'revoked', until: env.time + HOUR })
    driver.items.set(keyOf('a'), item)
    await env.advance(2 * HOUR)
    await store.sweep(100)
    expect([...driver.items.keys()]).toEqual([])
  })
})

describe('a sweep', () => {
  it('removes ended items and their user entries, and ignores foreign items', async () => {
    driver.items.set('app:other', 'x').set(env.handle('foreign'), '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":1,"data":{}}')
    await store.create(handle, env.record({ userId: 'ada' }))
    await store.create(env.handle('b'), env.record({ expiresAt: env.time + HOUR }))
    await store.destroy(env.handle('c'), { reason: 'revoked', until: env.time + MINUTE })
    await env.advance(MINUTE + TIMEOUT)
    await store.sweep(100)
    expect([...driver.items.keys()].sort()).toEqual(['app:other', env.handle('foreign'), keyOf('b')].sort())
  })

  it('ignores a session that ended so recently that a write may be pending', async () => {
    await store.create(handle, env.record())
    await env.advance(MINUTE + TIMEOUT - 1)
    await store.sweep(100)
    expect(driver.items.has(keyOf('a'))).toBe(true)
  })

  it('checks at most `limit` items, and continues at the next call', async () => {
    for (let index = 0; index < 25; index++) await store.create(env.handle(`${index}`), env.record())
    await env.advance(HOUR)
    const seen: object[] = []
    for (let call = 0; call < 4; call++) seen.push({ ...await store.sweep(10), left: driver.items.size })
    expect(seen).toEqual([
      { removed: 10, isLast: false, left: 15 }, { removed: 10, isLast: false, left: 5 },
      { removed: 5, isLast: true, left: 0 }, { removed: 0, isLast: true, left: 0 },
    ])
  })

  it('removes an epoch that is older than any session, and later epochs are still higher', async () => {
    const first = await store.raiseEpoch('ada')
    await store.raiseEpoch('bob', (await bound('bob')))
    await env.advance(400 * DAY)
    await store.sweep(100)
    expect(await store.epoch('ada')).toBe(first)
    await env.advance(DAY + TIMEOUT)
    await store.sweep(100)
    expect([...driver.items.keys()].filter(key => key.includes('uepoch'))).toEqual([])
    expect(await store.raiseEpoch('ada')).toBeGreaterThan(first)
  })

  it('keeps an epoch that was raised again', async () => {
    await store.raiseEpoch('ada')
    await env.advance(300 * DAY)
    const second = await store.raiseEpoch('ada')
    await env.advance(300 * DAY)
    await store.sweep(100)
    expect(await store.epoch('ada')).toBe(second)
  })

  it('rarely lists the keys', async () => {
    for (let tick = 0; tick < 60; tick++) {
      await store.sweep(10)
      await env.advance(MINUTE)
    }
    expect(driver.takeCalls('getKeys')).toBe(6)
  })

  it('keeps a user entry as long as the session is renewed', async () => {
    await store.create(handle, env.record({ userId: 'ada' }))
    const item = driver.items.get(`app:user:${env.hash('ada').slice(0, 32)}:${handle}`)
    await store.touch(handle, { lastSeenAt: env.time + 1, expiresAt: env.time + 10 * HOUR })
    driver.items.set(`app:user:${env.hash('ada').slice(0, 32)}:${handle}`, item)
    await env.advance(HOUR)
    await store.sweep(100)
    expect((await store.list({ userId: 'ada' })).entries).toHaveLength(1)
  })

  it('keeps a user entry that a login wrote after the sweep had read it', async () => {
    const key = `app:user:${env.hash('ada')}:${handle}`
    driver.items.set(key, 'left over')
    const { getItem } = driver
    driver.getItem = (read) => {
      if (read !== key) return getItem(read)
      driver.items.set(key, `${env.time + HOUR}`)
      driver.getItem = getItem
      return Promise.resolve(undefined)
    }
    await store.sweep(100)
    expect(driver.items.has(key)).toBe(true)
  })
})

describe('a write that completes after its deadline', () => {
  let arrive: () => void

  /** Holds back the next write of the session until `arrive` is called. */
  function hold(): void {
    driver.before = (method, key) => {
      if (method !== 'setItem' || key !== keyOf('a')) return
      driver.before = () => undefined
      return new Promise<void>((resolve) => { arrive = resolve })
    }
  }

  it('does not undo a later write', async () => {
    await store.create(handle, env.record({ data: { count: 0 } }))
    hold()
    const late = store.update(handle, record => ({ ...record, data: { count: 'late' } })).catch((error: unknown) => error)
    await env.advance(TIMEOUT)
    expect(await late).toHaveProperty('code', 'SESSION_STORE_UNAVAILABLE')
    await store.update(handle, record => ({ ...record, data: { count: record.data.count + 1 } }))
    arrive()
    await settle()
    expect(await store.get(handle)).toHaveProperty('record.data', { count: 1 })
  })

  it('is rolled back if there was no later write', async () => {
    hold()
    const late = store.create(handle, env.record()).catch((error: unknown) => error)
    await env.advance(TIMEOUT)
    expect(await late).toHaveProperty('code', 'SESSION_STORE_UNAVAILABLE')
    arrive()
    await settle()
    expect(await store.get(handle)).toBeUndefined()
    expect(env.timers).toBe(0)
  })

  it('does not revive a session that ended since', async () => {
    await store.create(handle, env.record())
    hold()
    const late = store.update(handle, record => ({ ...record, data: { back: true } })).catch((error: unknown) => error)
    await env.advance(TIMEOUT)
    await late
    await store.destroy(handle, { reason: 'revoked', until: env.time + HOUR })
    arrive()
    await settle()
    expect([await store.get(handle), driver.items.has(keyOf('a'))]).toEqual([{ dead: 'revoked' }, false])
  })
})

it('a file that was read half written is read again', async () => {
  const torn = new MapDriver()
  const files = createSessionStore({ driver: Object.assign(torn, { name: 'fs-lite' }) }, env, { timeout: TIMEOUT })
  await files.create(handle, env.record({ data: { whole: true } }))
  const whole = torn.items.get(handle)
  torn.items.set(handle, '{"v":1,"last')
  const found = files.get(handle)
  await settle()
  torn.items.set(handle, whole)
  await env.advance(100)
  expect((await found as Alive).record.data).toEqual({ whole: true })
})
