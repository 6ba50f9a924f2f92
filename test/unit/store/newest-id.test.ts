import memory from 'unstorage/drivers/memory'
import { describe, expect, it } from 'vitest'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import { FakeStoreEnvironment, settle } from './support/fake-environment'
import { MapDriver } from './support/map-driver'

const HOUR = 3_600_000
const TIMEOUT = 2000

/** A driver, how many items were read since the last time, and its items. */
function memoryDriver() {
  const driver = memory() as unknown as StoreDriver
  const items = driver.getInstance!() as Map<string, unknown>
  let reads = 0
  const get = items.get.bind(items)
  items.get = (key) => {
    reads++
    return get(key)
  }
  const takeReads = () => {
    const before = reads
    reads = 0
    return before
  }
  return { driver, items, takeReads }
}

function plainDriver() {
  const driver = new MapDriver()
  // Each read of a session is one of its record and one of its tombstone.
  return { driver, items: driver.items, takeReads: () => driver.takeCalls('getItem') / 2 }
}

async function given({ driver, ...rest }: ReturnType<typeof memoryDriver> | ReturnType<typeof plainDriver>, ids: number) {
  const env = new FakeStoreEnvironment()
  const store = createSessionStore({ driver }, env, { timeout: TIMEOUT })
  const handles = [await begin(env, store, 'id 0')]
  const replace = async () => {
    const next = await begin(env, store, `id ${handles.length}`)
    await store.destroy(handles.at(-1)!, { reason: 'superseded', until: env.time + HOUR, successor: next })
    handles.push(next)
  }
  while (handles.length < ids) await replace()
  rest.takeReads()
  return { env, store, handles, replace, driver, ...rest }
}

async function begin(env: FakeStoreEnvironment, store: SessionStore, id: string) {
  const handle = env.handle(id)
  await store.create(handle, env.record({ expiresAt: env.time + 10 * HOUR }))
  return handle
}

describe.each([['in memory', memoryDriver], ['over any driver', plainDriver]] as const)('a store %s: the newest id of a session', (_, open) => {
  it('is found from each of its ids, of an ended session and of one that was not replaced too', async () => {
    const { env, store, handles } = await given(open(), 5)
    for (const handle of handles) expect(await store.newest(handle)).toBe(handles[4])
    await store.destroy(handles[4]!, { reason: 'revoked', until: env.time + HOUR })
    for (const handle of handles) expect(await store.newest(handle)).toBe(handles[4])
    for (const key of [env.handle('unknown'), 'no handle']) expect(await store.newest(key)).toBe(key)
  })

  it('is a long way from the first of 2,000 ids, once', async () => {
    const { store, handles, replace, takeReads } = await given(open(), 2000)
    expect(await store.newest(handles[0]!)).toBe(handles[1999])
    expect(takeReads()).toBeGreaterThanOrEqual(2000)
    await settle()
    takeReads()
    for (const handle of [handles[0], handles[1], handles[999], handles[1998]]) {
      expect(await store.newest(handle!)).toBe(handles[1999])
      expect(takeReads()).toBeLessThanOrEqual(4)
    }
    await replace()
    takeReads()
    expect(await store.newest(handles[0]!)).toBe(handles[2000])
    expect(takeReads()).toBeLessThanOrEqual(5)
  })

  it('is ended by a logout with any of them, at once or after the way was shortened', async () => {
    for (const isShortened of [false, true]) {
      const { env, store, handles } = await given(open(), 50)
      if (isShortened) {
        await store.newest(handles[0]!)
        await settle()
      }
      expect(await store.destroy(handles[3]!, { reason: 'revoked', until: env.time + HOUR })).toBe('successor')
      expect(await store.get(handles[49]!)).toEqual({ dead: 'revoked' })
      expect(await store.destroy(handles[0]!, { reason: 'revoked', until: env.time + HOUR })).toBe('dead')
    }
  })

  it('does not move the end of a tombstone, or anything else in it, when the way is shortened', async () => {
    const { env, store, handles, items } = await given(open(), 20)
    const tombstones = () => [...items].filter(([, text]) => String(text).includes('"dead"')).map(([key, text]) => [key, JSON.parse(text as string) as Record<string, unknown>] as const)
    const before = new Map(tombstones())
    await env.advance(1000)
    await store.newest(handles[0]!)
    await settle()
    expect(tombstones()).toEqual([...before].map(([key, value]) => [key, { ...value, successor: handles[19] }]))
    expect(tombstones().map(([, value]) => JSON.stringify(Object.keys(value)))).toEqual([...before.values()].map(value => JSON.stringify(Object.keys(value))))
  })

  it('is shortened by one of several requests that go the same way at the same time', async () => {
    const { store, handles, takeReads } = await given(open(), 200)
    await Promise.all(Array.from({ length: 10 }, () => store.newest(handles[0]!)))
    await settle()
    // Each goes the way, and one reads each tombstone once more before it writes.
    expect(takeReads()).toBeLessThanOrEqual(10 * 200 + 2 * 200)
    await store.newest(handles[0]!)
    expect(takeReads()).toBeLessThanOrEqual(4)
  })

  it.each([1, 2, 3, 10, 50])('is an error if a damaged store leads around in a circle of %i ids', async (count) => {
    const { env, store, handles, items } = await given(open(), 60)
    const keyOf = (handle: string) => [...items].find(([key, text]) => key.includes(handle) && String(text).includes('"dead"'))![0]
    const last = JSON.parse(items.get(keyOf(handles[58]!)) as string) as object
    items.set(keyOf(handles[58]!), JSON.stringify({ ...last, successor: handles[59 - count] }))
    const damaged = expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE' })
    await expect(store.newest(handles[0]!)).rejects.toEqual(damaged)
    await expect(store.destroy(handles[0]!, { reason: 'revoked', until: env.time + HOUR })).rejects.toEqual(damaged)
  })

  it('is not written for a short way, which the next browser that is late will not go again', async () => {
    const { store, handles, items } = await given(open(), 4)
    const before = [...items]
    await store.newest(handles[0]!)
    await settle()
    expect([...items]).toEqual(before)
  })
})

describe('a way that cannot be shortened', () => {
  it('fails no logout, and is gone again', async () => {
    const { env, store, handles, driver } = await given(plainDriver(), 50)
    const failing = driver as MapDriver
    failing.before = (method, key) => {
      if (method === 'setItem' && !key.includes(handles[49]!)) throw new Error('full')
    }
    expect(await store.destroy(handles[0]!, { reason: 'revoked', until: env.time + HOUR })).toBe('successor')
    await settle()
    failing.before = () => undefined
    for (const handle of handles) expect(await store.newest(handle)).toBe(handles[49])
    expect(await store.get(handles[49]!)).toEqual({ dead: 'revoked' })
  })

  it('does not delay a logout if its writes have no answer', async () => {
    const { env, store, handles, driver } = await given(plainDriver(), 50)
    ;(driver as MapDriver).before = (method, key) => method === 'setItem' && !key.includes(handles[49]!) ? new Promise(() => undefined) : undefined
    expect(await store.destroy(handles[0]!, { reason: 'revoked', until: env.time + HOUR })).toBe('successor')
    expect(await store.get(handles[49]!)).toEqual({ dead: 'revoked' })
    await env.advance(TIMEOUT)
    expect(env.timers).toBe(0)
  })

  it('is one of a driver whose items may be read half written', async () => {
    const plain = plainDriver()
    const driver = Object.assign(plain.driver, { name: 'fs-lite' })
    const { store, handles, items } = await given({ ...plain, driver }, 50)
    const before = [...items]
    expect(await store.newest(handles[0]!)).toBe(handles[49])
    await settle()
    expect([...items]).toEqual(before)
  })
})

it('a way that takes longer than the timeout is gone to its end, because the driver answers', async () => {
  const { env, store, handles, driver } = await given(plainDriver(), 10)
  ;(driver as MapDriver).before = () => new Promise<void>(resolve => void env.startTimer(500, resolve))
  const pending = store.newest(handles[0]!)
  for (let step = 0; step < 10; step++) await env.advance(500)
  expect(await pending).toBe(handles[9])
})
