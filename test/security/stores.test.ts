import fc from 'fast-check'
import memoryDriver from 'unstorage/drivers/memory'
import { describe, expect, it, vi } from 'vitest'
import { SessionError } from '../../src/runtime/core/model/errors'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { isHandle, StoreKeys } from '../../src/runtime/core/store/keys'
import { FakeStoreEnvironment } from '../unit/store/support/fake-environment'
import { MapDriver } from '../unit/store/support/map-driver'
import { inputs, TIMEOUT, weighted } from './support/campaign'
import { hostileJson, hostileObject } from './support/hostile-json'
import { arePrototypesClean, expectNoPollution } from './support/prototypes'
import { World } from './support/world'

vi.setConfig({ testTimeout: TIMEOUT })

const DRIVERS: Record<string, () => StoreDriver> = { memory: () => memoryDriver() as StoreDriver, plain: () => new MapDriver() }
const NOW = Date.UTC(2031, 0, 1)

/** Any value at a key, from a mistake or a faulty driver: text, or the driver's parsed value. */
const record = hostileObject({
  v: '1', lastSeenAt: `${NOW - 1000}`, expiresAt: `${NOW + 1_000_000}`, createdAt: `${NOW - 1000}`, data: '{"a":1}',
  userId: '"ada"', epoch: '0', authenticatedAt: `${NOW - 1000}`, maxAge: '86400', name: '"h3"', flash: '{"note":1}', userAgent: '"x"', ip: '"::1"',
})
const tombstone = hostileObject({ v: '1', dead: '"revoked"', until: `${NOW + 1000}` })
const deepRecord = fc.integer({ min: 1000, max: 60_000 }).map(depth => `{"v":1,"lastSeenAt":${NOW},"expiresAt":${NOW + 1_000_000},"createdAt":${NOW},"data":{"__proto__":{},"deep":${'['.repeat(depth)}${']'.repeat(depth)}}}`)
const text = weighted([8, record], [2, tombstone], [2, hostileJson], [1, fc.string({ unit: 'binary', maxLength: 30 })], [1, deepRecord])
const parsed = text.filter(json => json.length < 2000).map((json): unknown => {
  try {
    return JSON.parse(json)
  }
  catch {
    return json
  }
})
const odd = fc.constantFrom<unknown>(undefined, null, 0, Number.NaN, true, new Date(0), new Map(), new Set(['x']), new Uint8Array(4), Object.create(null), { toString: 1 })
const garbage = weighted<unknown>([8, text], [2, parsed], [1, odd])

describe.each(Object.entries(DRIVERS))('garbage in a store over the %s driver', (_name, createDriver) => {
  const CODES = ['SESSION_STORE_UNAVAILABLE', 'SESSION_CONFLICT']

  /** The key of the garbage: the session's, its tombstone's or its user's. */
  const places = (keys: StoreKeys, handle: string) => [keys.session(handle), keys.tombstone(handle), keys.epoch('ada'), keys.user('ada'), keys.userSession('ada', handle), keys.shard(handle)]

  it('is rejected or read as a record, and throws only the store\'s own errors', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(5), garbage), { minLength: 1, maxLength: 3 }), async (items) => {
      const env = new FakeStoreEnvironment()
      const driver = createDriver()
      const keys = new StoreKeys('', env.hash)
      const handle = env.handle('a')
      for (const [place, value] of items) put(driver, places(keys, handle)[place]!, value)
      const store = createSessionStore({ driver }, env, { timeout: 500 })
      const calls: (() => Promise<unknown>)[] = [
        () => store.get(handle), () => store.list({}), () => store.list({ userId: 'ada' }), () => store.count({}), () => store.count({ userId: 'ada' }), () => store.epoch('ada'),
        () => store.touch(handle, { lastSeenAt: env.time, expiresAt: env.time + 90_000 }), () => store.update(handle, each => ({ ...each, data: { b: 1 } })), () => store.sweep(100),
        () => store.create(handle, env.record()), () => store.raiseEpoch('ada'), () => store.destroy(handle, { reason: 'revoked', until: env.time + 1000 }), () => store.get(handle),
      ]
      for (const [index, call] of calls.entries()) {
        try {
          const found = await inTime(env, call())
          if (index === 0 && typeof found === 'object' && found !== null && 'record' in found) expectNoPollution((found.record as { data: unknown }).data)
        }
        catch (error) {
          expect(error, `call ${index}`).toBeInstanceOf(SessionError)
          expect(CODES).toContain((error as SessionError).code)
        }
      }
      expect(arePrototypesClean()).toBe(true)
    }), inputs(150, 0.003))
  })

  it('at a visitor\'s own session never makes a request throw anything else', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(5), garbage, fc.nat(4), async (place, value, kind) => {
      const world = new World('node', { storage: 'session', storeTimeout: 200 })
      world.env.time = NOW
      world.env.driver = createDriver()
      const handle = world.env.hash('known')
      const keys = new StoreKeys('', world.env.hash)
      put(world.env.driver, keys.session(handle), `{"v":1,"lastSeenAt":${NOW},"expiresAt":${NOW + 1_000_000},"createdAt":${NOW},"data":{},"userId":"ada","epoch":0}`)
      put(world.env.driver, places(keys, handle)[place]!, value)
      const { use } = world.request({ cookie: `h3=${await world.seal('{"id":"known","name":"h3"}')}` })
      try {
        const session = await use()
        expect([typeof session.id, typeof session.data]).toEqual(['string', 'object'])
        expect(session.handle).toMatch(/^[\da-f]{64}$/)
        if (!session.isNew) expect(session.handle, 'the id is the token\'s, whatever the record contains').toBe(handle)
        expectNoPollution(session.data)
        if (kind === 1) await session.update({ a: 1 })
        if (kind === 2) await session.regenerate({ userId: 'bob' })
        if (kind === 3) await session.clear()
        if (kind === 4) await session.flash('note')
      }
      catch (error) {
        expect(error).toBeInstanceOf(SessionError)
        expect([...CODES, 'SESSION_NOT_SERIALIZABLE', 'SESSION_TOO_LARGE']).toContain((error as SessionError).code)
      }
    }), inputs(150, 0.003))
  })
})

/** Sets a value in the driver's own storage, without converting it to text. */
function put(driver: StoreDriver, key: string, value: unknown): void {
  const items = driver instanceof MapDriver ? driver.items : driver.getInstance!() as Map<string, unknown>
  items.set(key, value)
}

/** Advances the clock until a call has ended: it may try again until its deadline. */
async function inTime<T>(env: FakeStoreEnvironment, call: Promise<T>): Promise<T> {
  let isOver = false
  const over = call.then(() => undefined, () => undefined).finally(() => { isOver = true })
  for (let step = 0; !isOver && step < 200; step++) await env.advance(step === 0 ? 0 : 10)
  await over
  return call
}

describe('keys of a store', () => {
  const id = weighted([2, fc.string({ unit: 'binary', maxLength: 20 })], [2, fc.constantFrom('', '.', '..', '../..', '/', '\\', ':', '::', 'a:b', 'a/b', 'a\\b', 'A', 'a', '%2e%2e', '\0', 'dead:a', 'user:a', 'sessions', '__proto__', 'ſ', 's', 'K', 'K', 'a'.repeat(64), 'A'.repeat(64), '\uD800', '\uD801', '\uFFFD', 'e\u0301', 'é')], [1, fc.string({ maxLength: 300 })])
  const env = new FakeStoreEnvironment()

  it('of users need ids that UTF-8 can encode: others would share one key', async () => {
    const ill = fc.tuple(fc.string(), fc.constantFrom('\uD800', '\uDFFF'), fc.stringMatching(/^[a-z]{0,5}$/)).map(parts => parts.join(''))
    await fc.assert(fc.asyncProperty(ill, async (userId) => {
      const session = await new World('node', { storage: 'session' }).request({}).use()
      await expect(session.regenerate({ userId })).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
    }), inputs(50, 0.0001))
  })

  it('are of hexadecimal digits and our own words, whatever the ids are', () => {
    fc.assert(fc.property(id, id, id, (session, user, prefix) => {
      const keys = new StoreKeys('', env.hash)
      const handle = env.hash(session)
      for (const key of [keys.session(handle), keys.tombstone(handle), keys.epoch(user)])
        expect(key).toMatch(/^(?:(?:dead|uepoch):)?[\da-f]{64}$/)
      for (const key of [keys.user(user), keys.userSession(user, handle)])
        expect(key).toMatch(/^user:[\da-f]{32}(?::[\da-f]{64})?$/)
      expect(keys.shard(handle)).toMatch(/^sessions:[\da-f]{2}$/)
      const below = new StoreKeys(prefix, env.hash)
      expect(below.session(handle).startsWith(below.prefix)).toBe(true)
      expect(below.prefix).not.toMatch(/[/\\]/)
    }), inputs(500, 0.01))
  })

  it('of two ids, or of two kinds, are never the same', () => {
    fc.assert(fc.property(id, id, (one, other) => {
      fc.pre(one.isWellFormed() && other.isWellFormed())
      const keys = new StoreKeys('', env.hash)
      const of = (id: string) => {
        const handle = env.hash(id)
        return [keys.session(handle), keys.tombstone(handle), keys.user(id), keys.userSession(id, handle), keys.epoch(id), keys.shard(handle)]
      }
      const all = one === other ? of(one) : [...of(one), ...of(other).slice(0, -1)]
      expect(new Set(all.map(key => key.toLowerCase())).size, JSON.stringify([one, other])).toBe(all.length)
    }), inputs(500, 0.01))
  })

  it('that are no handles reach no driver', async () => {
    const driver = new MapDriver()
    const store = createSessionStore({ driver }, env, { timeout: 500 })
    await fc.assert(fc.asyncProperty(id, async (key) => {
      fc.pre(!isHandle(key))
      expect(await store.get(key)).toBeUndefined()
      expect(await store.update(key, each => each)).toBeUndefined()
      expect(await store.touch(key, { lastSeenAt: 1, expiresAt: 2 })).toBeUndefined()
      expect(await store.destroy(key, { reason: 'revoked', until: 1 })).toBe('dead')
      await expect(store.create(key, env.record())).rejects.toThrow()
      expect(driver.calls).toEqual([])
    }), inputs(200, 0.003))
  })
})
