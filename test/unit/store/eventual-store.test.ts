import { beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import { DelayedStorage } from './support/delayed-storage'
import { FakeStoreEnvironment } from './support/fake-environment'
import { MapDriver } from './support/map-driver'

const TIMEOUT = 2000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let env: FakeStoreEnvironment
let handle: string

beforeEach(() => {
  env = new FakeStoreEnvironment()
  handle = env.handle('a')
})

const endOf = (name: string) => `app:lineage:${env.handle(name)}`
const revoked = () => ({ reason: 'revoked' as const, until: env.time + HOUR })

describe('over an eventually consistent driver', () => {
  let driver: MapDriver
  let store: SessionStore

  beforeEach(() => {
    driver = Object.assign(new MapDriver(), { name: 'cloudflare-kv-binding' })
    store = createSessionStore({ driver, prefix: 'app' }, env, { timeout: TIMEOUT })
  })

  it('a session is read with one more read than over a strongly consistent one, after the epochs', async () => {
    await store.create(handle, env.record({ userId: 'ada' }))
    driver.takeCalls('getItem')
    await store.get(handle, 'ada')
    expect(driver.calls.map(call => call.key)).toEqual([`app:${handle}`, `app:dead:${handle}`, `app:uepoch:${env.hash('')}`, `app:uepoch:${env.hash('ada')}`, endOf('a')])
  })

  it('the end of a lineage is kept for as long as a session can live', async () => {
    await store.create(handle, env.record())
    await store.destroy(handle, revoked())
    expect(driver.ttls.get(endOf('a'))).toBe(401 * DAY / 1000)
    await env.advance(401 * DAY)
    await store.sweep(100)
    expect([...driver.items.keys()]).toEqual([endOf('a')])
    await env.advance(HOUR)
    await store.sweep(100)
    expect([...driver.items.keys()]).toEqual([])
  })

  it('to replace a session does not end its lineage', async () => {
    await store.create(handle, env.record())
    await store.create(env.handle('b'), env.record({ lineage: handle }))
    await store.destroy(handle, { ...revoked(), reason: 'superseded', successor: env.handle('b') })
    await store.abandon(env.handle('c'), env.time + HOUR)
    expect([...driver.items.keys()].filter(key => key.includes('lineage'))).toEqual([])
    expect(await store.get(env.handle('b'))).toHaveProperty('record.lineage', handle)
  })

  it('of several calls that revoke a session, one did it', async () => {
    await store.create(handle, env.record())
    const outcomes = await Promise.all([1, 2, 3].map(() => store.destroy(handle, revoked())))
    expect(outcomes.toSorted()).toEqual(['dead', 'dead', 'destroyed'])
  })

  it.each(['revoked', 'superseded'] as const)('a call that failed before it ended the lineage can be repeated (%s)', async (reason) => {
    await store.create(handle, env.record({ lineage: env.handle('first') }))
    driver.before = (method, key) => { if (method === 'setItem' && key === endOf('first')) throw new Error('down') }
    await expect(store.destroy(handle, { reason, ends: 'session', until: env.time + HOUR })).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' })
    driver.before = () => undefined
    expect(await store.destroy(handle, { reason, ends: 'session', until: env.time + HOUR })).toBe('destroyed')
    expect(driver.items.has(endOf('first'))).toBe(true)
  })

  it.each(['revoked', 'superseded'] as const)('an id that another location gave the session ends with the lineage, for its reason (%s)', async (reason) => {
    await store.create(handle, env.record())
    await store.destroy(handle, { reason, ends: 'session', until: env.time + HOUR })
    await store.create(env.handle('b'), env.record({ lineage: handle }))
    expect(await store.get(env.handle('b'))).toEqual({ dead: reason })
  })

  it('to end an earlier id ends no login that replaced a later one, which has the same lineage', async () => {
    const [second, login] = [env.handle('b'), env.handle('c')]
    await store.create(handle, env.record())
    await store.create(second, env.record({ lineage: handle }))
    await store.destroy(handle, { ...revoked(), reason: 'superseded', successor: second })
    await store.create(login, env.record({ lineage: handle }))
    await store.destroy(second, { ...revoked(), reason: 'superseded' })
    expect(await store.destroy(handle, revoked())).toBe('dead')
    expect(await store.get(login)).toHaveProperty('record.lineage', handle)
  })

  it('the exception of a user\'s end must be alive in its lineage', async () => {
    const [first, other] = [env.handle('first'), env.handle('other')]
    const epoch = await store.epoch('ada')
    for (const key of [handle, other]) await store.create(key, env.record({ userId: 'ada', epoch, lineage: key === handle ? first : undefined, expiresAt: env.time + DAY }))
    driver.items.set(endOf('first'), '{"v":1,"dead":"revoked"}')
    await store.raiseEpoch('ada', handle)
    expect(await store.epoch('ada')).toBe(env.time)
    expect(driver.items.get(`app:uepoch:${env.hash('ada')}`)).toBe(String(env.time))
  })

  it('a record with a lineage that is no text is malformed', async () => {
    driver.items.set(`app:${handle}`, JSON.stringify({ ...env.record(), lineage: { of: 'x' } }))
    expect(await store.get(handle)).toEqual({ malformed: true })
  })
})

describe('over a strongly consistent driver', () => {
  it('no lineage is read or written', async () => {
    const driver = new MapDriver()
    const store = createSessionStore({ driver, prefix: 'app' }, env, { timeout: TIMEOUT })
    await store.create(handle, env.record({ userId: 'ada' }))
    await store.get(handle)
    await store.raiseEpoch('ada')
    expect(driver.calls.filter(({ key }) => key.includes('lineage'))).toEqual([])
    driver.takeCalls('getItem')
    await store.destroy(env.handle('b'), revoked())
    expect(driver.calls.map(({ method, key }) => `${method} ${key}`)).toEqual([
      `getItem app:${env.handle('b')}`, `getItem app:dead:${env.handle('b')}`, `setItem app:dead:${env.handle('b')}`, `removeItem app:${env.handle('b')}`,
    ])
  })
})

describe.each(['cloudflare-kv-binding', 'http'])('in two locations, over the driver %s', (name) => {
  let here: SessionStore
  let there: SessionStore
  let drivers: StoreDriver[]

  beforeEach(() => {
    const storage = new DelayedStorage(MINUTE, env.now)
    drivers = [storage.location(name), storage.location(name)]
    const open = (driver: StoreDriver) => createSessionStore({ driver, prefix: 'app' }, env, { timeout: TIMEOUT })
    ;[here, there] = drivers.map(open) as [SessionStore, SessionStore]
  })

  it('sessions end, single ones and all of a user, after the delay, and earlier writes do not revive them', async () => {
    const handles = [handle, env.handle('b')]
    await here.create(handles[0]!, env.record({ expiresAt: env.time + DAY }))
    await here.create(handles[1]!, env.record({ userId: 'ada', expiresAt: env.time + DAY }))
    await env.advance(MINUTE)
    await here.destroy(handle, revoked())
    await here.raiseEpoch('ada')
    for (const handle of handles) expect(await there.update(handle, record => ({ ...record, data: { late: true } }))).toHaveProperty('record')
    await env.advance(MINUTE)
    for (const handle of handles) expect(await there.get(handle)).toEqual({ dead: 'revoked' })
  })

  it('a sweep removes all that is left of a session that ended here and got a new id there', async () => {
    const next = env.handle('b')
    await here.create(handle, env.record({ userId: 'ada', expiresAt: env.time + DAY }))
    await env.advance(MINUTE)
    await here.destroy(handle, revoked())
    const known = await there.get(handle)
    await there.create(next, env.record({ userId: 'ada', lineage: handle, expiresAt: env.time + DAY }))
    expect(await there.destroy(handle, { ...revoked(), reason: 'superseded', successor: next, known: known as never })).toBe('destroyed')
    await env.advance(MINUTE)
    expect(await here.list({ userId: 'ada' })).toMatchObject({ entries: [] })
    expect(await here.count({ userId: 'ada' })).toBe(0)
    await env.advance(402 * DAY)
    await there.sweep(100)
    await env.advance(MINUTE)
    expect(await Promise.all(drivers.map(driver => driver.getKeys('', {})))).toEqual([[], []])
  })
})
