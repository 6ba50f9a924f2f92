import { inspect } from 'node:util'
import memory from 'unstorage/drivers/memory'
import { describe, expect, it } from 'vitest'
import type { SessionError } from '../../../src/runtime/core/model/errors'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import type { Alive, SessionStore } from '../../../src/runtime/core/store/store'
import { FakeStoreEnvironment, settle } from './support/fake-environment'
import { MapDriver } from './support/map-driver'

const TIMEOUT = 2000
const SECRET = 'hunter2'

async function given(): Promise<Given>
async function given<T extends StoreDriver>(driver: T): Promise<Given<T>>
async function given(driver: StoreDriver = new MapDriver()): Promise<Given<StoreDriver>> {
  const env = new FakeStoreEnvironment()
  const store = createSessionStore({ driver }, env, { timeout: TIMEOUT })
  const handle = env.handle('a')
  await store.create(handle, env.record({ userId: 'ada', data: { password: SECRET } }))
  const known = await store.get(handle) as Alive
  return { env, driver, store, handle, known }
}

const DRIVERS: [name: string, create: () => StoreDriver][] = [
  ['memory', () => memory() as unknown as StoreDriver],
  ['another driver', () => new MapDriver()],
]

interface Given<T = MapDriver> { env: FakeStoreEnvironment, driver: T, store: SessionStore, handle: string, known: Alive }

const OPERATIONS: Record<string, (store: SessionStore, given: Given) => Promise<unknown>> = {
  'create': (store, { env }) => store.create(env.handle('new'), env.record({ userId: 'ada', data: { password: SECRET } })),
  'get': (store, { handle }) => store.get(handle),
  'update': (store, { handle }) => store.update(handle, record => ({ ...record, data: { password: SECRET, count: 1 } })),
  'update of a known state': (store, { handle, known }) => store.update(handle, record => ({ ...record, data: { count: 1 } }), known),
  'touch': (store, { env, handle }) => store.touch(handle, { lastSeenAt: env.time + 1, expiresAt: env.time + 90_000 }),
  'destroy': (store, { env, handle }) => store.destroy(handle, { reason: 'revoked', until: env.time + 1000 }),
  'epoch': store => store.epoch('ada'),
  'raiseEpoch': store => store.raiseEpoch('ada'),
  'list': store => store.list({}),
  'list of a user': store => store.list({ userId: 'ada' }),
  'count': store => store.count({}),
  'count of a user': store => store.count({ userId: 'ada' }),
  'sweep': store => store.sweep(10),
}

const WRITES = ['create', 'update', 'update of a known state', 'touch', 'destroy', 'raiseEpoch']

function expectUnavailable(error: unknown): void {
  expect((error as SessionError).code).toBe('SESSION_STORE_UNAVAILABLE')
  expect((error as SessionError).statusCode).toBe(503)
  expect((error as SessionError).message).toContain('"plain"')
}

describe.each(Object.entries(OPERATIONS))('%s', (name, run) => {
  it('rejects at the deadline if the driver does not answer, and makes no more calls', async () => {
    const here = await given()
    here.driver.before = () => new Promise(() => undefined)
    const pending = run(here.store, here).catch((error: unknown) => error)
    await here.env.advance(TIMEOUT - 1)
    await expect(Promise.race([pending, settle().then(() => 'pending')])).resolves.toBe('pending')
    await here.env.advance(1)
    const error = await pending
    expectUnavailable(error)
    expect((error as SessionError).message).toContain('did not answer within 2000 ms')
    expect((error as SessionError).message.includes('may or may not have been written')).toBe(WRITES.includes(name))
    const calls = here.driver.calls.length
    await here.env.advance(10 * TIMEOUT)
    expect([here.driver.calls.length, here.env.timers]).toEqual([calls, 0])
  })

  it.each([
    ['rejects', () => Promise.reject(Object.assign(new Error(`SET ${SECRET}`), { command: { args: [SECRET] } }))],
    ['throws', () => { throw new TypeError(SECRET) }],
    ['rejects with a string', () => Promise.reject(SECRET)],
    ['rejects with a code', () => Promise.reject(Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' }))],
  ])('rejects if the driver %s, without session data in the error', async (_how, fail) => {
    const here = await given()
    here.driver.before = fail
    const error = await run(here.store, here).catch((failure: unknown) => failure)
    expectUnavailable(error)
    const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)
    for (const secret of [SECRET, here.handle, here.env.hash('ada')]) expect(shown).not.toContain(secret)
    expect(here.env.timers).toBe(0)
  })

  it.each([
    ['ECONNREFUSED', Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' })],
    ['57P01', Object.assign(new Error(SECRET), { code: '57P01' })],
    ['OOM', new Error(`OOM command not allowed: ${SECRET}`)],
    ['TypeError', new TypeError('12345 is a stored value')],
  ])('has the driver\'s code %s in its message', async (code, failure) => {
    const here = await given()
    here.driver.before = () => Promise.reject(failure)
    await expect(run(here.store, here)).rejects.toThrow(`failed (${code}).`)
  })

  it('works again when the driver is back', async () => {
    const here = await given()
    const held: (() => void)[] = []
    here.driver.before = () => new Promise<void>((resolve) => { held.push(resolve) })
    const pending = run(here.store, here).catch((error: unknown) => error)
    await here.env.advance(TIMEOUT)
    expectUnavailable(await pending)
    here.driver.before = () => undefined
    if (name === 'sweep') await here.env.advance(20 * 60_000)
    await run(here.store, here)
    for (const go of held) go()
    await settle()
    expect(here.env.timers).toBe(0)
  })
})

describe('the deadline', () => {
  it('excludes the time of the change function', async () => {
    const { env, store, handle } = await given()
    const pending = store.update(handle, async (record) => {
      await new Promise<void>(resolve => void env.startTimer(10 * TIMEOUT, resolve))
      return { ...record, data: { slow: true } }
    })
    await env.advance(10 * TIMEOUT)
    await expect(pending).resolves.toHaveProperty('record.data', { slow: true })
    expect(env.timers).toBe(0)
  })

  it('includes the time in the queue', async () => {
    const { env, driver, store, handle } = await given()
    driver.before = () => new Promise(() => undefined)
    const pending = Array.from({ length: 5 }, () => store.update(handle, record => ({ ...record })).catch((error: unknown) => error))
    await env.advance(TIMEOUT)
    for (const error of await Promise.all(pending)) expectUnavailable(error)
    expect(env.timers).toBe(0)
  })

  it.each(DRIVERS)('starts again for a queued write while earlier ones succeed: %s', async (_, createDriver) => {
    const { env, store, handle } = await given(createDriver())
    const append = (item: number) => store.update(handle, async (record) => {
      await new Promise<void>(resolve => void env.startTimer(TIMEOUT - 1, resolve))
      return { ...record, data: { list: [...record.data.list as number[] ?? [], item] } }
    })
    const writes = Promise.all([1, 2, 3, 4, 5].map(append))
    for (let turn = 0; turn < 5; turn++) await env.advance(TIMEOUT - 1)
    await writes
    await expect(store.get(handle)).resolves.toHaveProperty('record.data.list', [1, 2, 3, 4, 5])
    expect(env.timers).toBe(0)
  })

  it.each(DRIVERS)('passes for a queued write whose turn does not come, which is then not written: %s', async (_, createDriver) => {
    const { env, store, handle } = await given(createDriver())
    const slow = store.update(handle, async (record) => {
      await new Promise<void>(resolve => void env.startTimer(3 * TIMEOUT, resolve))
      return { ...record, data: { slow: true } }
    })
    const queued = store.update(handle, record => ({ ...record, data: { queued: true } })).catch((error: unknown) => error)
    await env.advance(TIMEOUT)
    const error = await queued as SessionError
    expect(error.code).toBe('SESSION_STORE_UNAVAILABLE')
    expect(error.message).toMatch(/waited too long for earlier ones.*hooks.*"\w+"\) is slow.*Nothing was written/)
    await env.advance(2 * TIMEOUT)
    await slow
    await settle()
    await expect(store.get(handle)).resolves.toHaveProperty('record.data', { slow: true })
    expect(env.timers).toBe(0)
  })

  it.each(DRIVERS)('does not pass for a renewal while an update runs, because it does not wait: %s', async (_, createDriver) => {
    const { env, store, handle, known } = await given(createDriver())
    const times = { lastSeenAt: env.time + 1, expiresAt: env.time + 90_000 }
    let runs = 0
    const slow = store.update(handle, async (record) => {
      runs++
      await new Promise<void>(resolve => void env.startTimer(3 * TIMEOUT, resolve))
      return { ...record, data: { slow: true } }
    })
    await expect(store.touch(handle, times, known)).resolves.toHaveProperty('record', { ...known.record, ...times })
    for (let turn = 0; turn < 6; turn++) await env.advance(TIMEOUT)
    await expect(slow).resolves.toHaveProperty('record', { ...known.record, ...times, data: { slow: true } })
    expect(runs).toBe(2)
  })

  it('ends the wait of a queued write after ten times the timeout', async () => {
    const { env, store, handle } = await given()
    const slow = () => store.update(handle, async (record) => {
      await new Promise<void>(resolve => void env.startTimer(TIMEOUT - 1, resolve))
      return record
    }).then(() => 'written', (error: SessionError) => error.message)
    const outcomes = Promise.all(Array.from({ length: 20 }, slow))
    for (let turn = 0; turn < 20; turn++) await env.advance(TIMEOUT - 1)
    const messages = await outcomes
    expect(messages.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'written'))
    for (const message of messages.slice(11)) expect(message).toContain('waited too long')
  })

  it('counts from the last answer for a queued write if the store stops answering', async () => {
    const { env, driver, store, handle } = await given()
    const [first, ...others] = Array.from({ length: 3 }, () => store.update(handle, record => ({ ...record })))
    await first
    const failures = Promise.all(others.map(write => write.catch((error: unknown) => error)))
    driver.before = () => new Promise(() => undefined)
    await env.advance(TIMEOUT)
    for (const error of await failures) expectUnavailable(error)
    expect(env.timers).toBe(0)
  })

  it('starts again after a conflict, because the store has answered', async () => {
    const { env, driver, store, handle } = await given()
    const other = createSessionStore({ driver: new MapDriver(driver.items) }, env, { timeout: TIMEOUT })
    let conflicts = 0
    driver.before = () => new Promise<void>(resolve => void env.startTimer(TIMEOUT / 8, resolve))
    // Another process writes between the read and the write.
    const write = store.update(handle, (record) => {
      if (++conflicts < 5) void other.update(handle, latest => ({ ...latest, data: { conflicts } }))
      return { ...record, data: { ...record.data, mine: true } }
    })
    for (let call = 0; call < 80; call++) await env.advance(TIMEOUT / 8)
    await expect(write).resolves.toHaveProperty('record.data', { conflicts: 4, mine: true })
    expect(env.timers).toBe(0)
  })

  it('covers all driver calls of one store call', async () => {
    const { env, driver, store, handle } = await given()
    driver.before = () => new Promise<void>(resolve => void env.startTimer(TIMEOUT / 2, resolve))
    const pending = store.update(handle, record => ({ ...record })).catch((error: unknown) => error)
    await env.advance(TIMEOUT / 2)
    await env.advance(TIMEOUT / 2)
    expectUnavailable(await pending)
    await env.advance(TIMEOUT)
  })
})

describe('a read-only driver', () => {
  it.each<StoreDriver>([
    { name: 'github', getItem: () => null, getKeys: () => [] },
    { name: 'fs', options: { base: '/tmp', readOnly: true }, getItem: () => null, getKeys: () => [], setItem: () => undefined, removeItem: () => undefined },
  ])('is rejected with an error that names the fix', (driver) => {
    expect(() => createSessionStore({ driver }, new FakeStoreEnvironment(), { timeout: TIMEOUT }))
      .toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining(`"${driver.name}"`) }))
  })
})

describe('an abandoned session', () => {
  it('is revoked by the sweep when the store is available again', async () => {
    const { env, driver, store, handle } = await given()
    driver.before = () => { throw new Error('down') }
    await store.abandon(handle, env.time + 60_000)
    await store.sweep(0).catch(() => undefined)
    driver.before = () => undefined
    expect(await store.get(handle)).toHaveProperty('record')
    await store.sweep(0)
    expect(await store.get(handle)).toEqual({ dead: 'revoked' })
    driver.takeCalls('setItem')
    await store.sweep(0)
    expect(driver.takeCalls('setItem')).toBe(0)
  })

  it('is given up when its tombstone would have expired', async () => {
    const { env, driver, store, handle } = await given()
    driver.before = () => { throw new Error('down') }
    await store.abandon(handle, env.time + 60_000)
    driver.before = () => undefined
    await env.advance(60_000)
    await store.sweep(0)
    expect(await store.get(handle)).toHaveProperty('record')
  })

  it('is the only one that a sweep tries to revoke while the store is down', async () => {
    const { env, driver, store } = await given()
    driver.before = () => Promise.reject(new Error('down'))
    const handles = ['b', 'c', 'd'].map(name => env.handle(name))
    for (const handle of handles) await store.abandon(handle, env.time + 60_000)
    driver.calls.length = 0
    await expect(store.sweep(10)).rejects.toThrow('SESSION_STORE_UNAVAILABLE')
    expect(handles.filter(handle => driver.calls.some(({ key }) => key.includes(handle)))).toHaveLength(1)
    driver.before = () => undefined
    await store.sweep(10)
    for (const handle of handles) expect(await store.get(handle)).toEqual({ dead: 'revoked' })
  })
})
