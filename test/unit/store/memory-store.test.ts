import memory from 'unstorage/drivers/memory'
import { createStorage } from 'unstorage'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import { FakeStoreEnvironment } from './support/fake-environment'

const MINUTE = 60_000

let env: FakeStoreEnvironment
let items: Map<string, unknown>
let driver: StoreDriver
let store: SessionStore

beforeEach(() => {
  env = new FakeStoreEnvironment()
  driver = memory() as unknown as StoreDriver
  items = driver.getInstance!() as Map<string, unknown>
  store = createSessionStore({ driver, prefix: 'app' }, env, { timeout: 2000 })
})

describe('a store in memory', () => {
  it('stores a record that unstorage can read at the session\'s handle below its mount', async () => {
    const storage = createStorage().mount('session', driver as never)
    await store.create(env.handle('a'), env.record({ data: { count: 1 } }))
    expect(await storage.getItem(`session:app:${env.handle('a')}`)).toMatchObject({ v: 1, data: { count: 1 } })
  })

  it('starts no timer for synchronous work', async () => {
    const handle = env.handle('a')
    await store.create(handle, env.record({ userId: 'ada' }))
    const pending = [store.get(handle), store.destroy(handle, { reason: 'revoked', until: env.time }), store.epoch('ada'), store.sweep(10)]
    expect(env.timers).toBe(0)
    await Promise.all(pending)
  })

  it('reads synchronously in get', async () => {
    const handle = env.handle('a')
    await store.create(handle, env.record())
    const found = store.get(handle)
    items.clear()
    expect(await found).toHaveProperty('record')
  })

  it('sweeps ended sessions, at most `limit` items a call, and users without sessions', async () => {
    for (let index = 0; index < 25; index++) await store.create(env.handle(`${index}`), env.record({ userId: 'ada' }))
    await store.destroy(env.handle('dead'), { reason: 'revoked', until: env.time + 2 * MINUTE })
    items.set('app:other', 'x')
    await env.advance(MINUTE)
    const seen: object[] = []
    for (let call = 0; call < 4; call++) seen.push({ ...await store.sweep(10), left: items.size })
    expect(seen).toEqual([
      { removed: 9, isLast: false, left: 19 }, { removed: 10, isLast: false, left: 9 },
      { removed: 6, isLast: true, left: 2 }, { removed: 0, isLast: true, left: 2 },
    ])
    await env.advance(MINUTE)
    for (let call = 0; call < 2; call++) await store.sweep(10)
    expect([...items.keys()]).toEqual(['app:other'])
  })

  it('removes an epoch that is older than any session', async () => {
    const epoch = await store.raiseEpoch('ada')
    await env.advance(400 * 24 * 60 * MINUTE)
    for (let call = 0; call < 2; call++) await store.sweep(10)
    expect(await store.epoch('ada')).toBe(epoch)
    await env.advance(24 * 60 * MINUTE)
    for (let call = 0; call < 2; call++) await store.sweep(10)
    expect([...items.keys()]).toEqual([])
  })

  it('removes a user whose last session ends', async () => {
    await store.create(env.handle('a'), env.record({ userId: 'ada' }))
    await store.destroy(env.handle('a'), { reason: 'revoked', until: env.time + MINUTE })
    expect([...items.keys()]).toEqual([`app:${env.handle('a')}`])
  })

  it('lists in slices, so that other work can run in between', async () => {
    for (let index = 0; index < 5000; index++) await store.create(env.handle(`${index}`), env.record())
    const list = store.list({ limit: 3 })
    expect(env.timers).toBe(1)
    await env.advance(0)
    await env.advance(0)
    expect((await list).entries).toHaveLength(3)
  })
})
