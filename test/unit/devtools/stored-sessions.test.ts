import { describe, expect, it } from 'vitest'
import { createWebCodec } from '../../../src/runtime/core/seal/web-codec'
import { resolveConfig } from '../../../src/runtime/core/config/resolve'
import { rejectReasonOf } from '../../../src/runtime/core/model/shape'
import type { SessionRecord } from '../../../src/runtime/core/store/store'
import { toStoredSession } from '../../../src/runtime/core/session/persistence/stored-session'
import { isAlive } from '../../../src/runtime/core/store/record'
import type { SessionConfig } from '../../../src/runtime/core/model/types'
import { MAX_LISTED } from '../../../src/runtime/server/devtools/messages'
import { copyOf, MAX_COPIED } from '../../../src/runtime/server/devtools/observe'
import { editStored, expireStored, readStore, readStored, revokeStored } from '../../../src/runtime/server/devtools/stores'
import { PASSWORD } from '../support/app'
import { FakeEnvironment } from '../support/environment'
import { handleOf } from './support/observed'

const HOUR = 3_600_000
const lifetimes = () => ({ maxAge: undefined, idleTimeout: undefined })

describe('readStore', () => {
  it('lists records with their data, but without an id', async () => {
    const here = place()
    const { env, put } = here
    await put('a', { userId: 'u', epoch: 0, data: { n: 1 }, flash: { f: 1 }, userAgent: 'Firefox' })
    const report = await readStore(here, 'kept', [], lifetimes)
    expect(report).toMatchObject({
      sessions: [{
        ...placeOf('a'), transport: 'unknown', expiresAt: env.now() + HOUR, recordBytes: expect.any(Number),
        session: { createdAt: env.now(), lastSeenAt: env.now(), userId: 'u', epoch: 0, data: { n: 1 }, flash: { f: 1 }, userAgent: 'Firefox' },
      }],
      ended: [],
      hasMore: false,
    })
    expect(report.sessions[0]!.session).not.toHaveProperty('id')
    const text = String((env.driver.getInstance!() as Map<string, unknown>).get(handleOf('a')))
    expect(report.sessions[0]!.recordBytes).toBe(new TextEncoder().encode(text.replace(/"w":"[^"]*",/, '')).length)
  })

  it('leaves out data that is too large for a list, which is read on demand', async () => {
    const here = place()
    await here.put('long', { data: { text: 'x'.repeat(9000) } })
    const { sessions } = await readStore(here, 'kept', [], lifetimes)
    expect(sessions).toMatchObject([{ recordBytes: expect.any(Number), session: { data: {}, isLong: true } }])
    expect(await readStored(here, placeOf('long'))).toMatchObject({ data: { text: 'x'.repeat(9000) } })
    expect(await readStored(here, placeOf('none'))).toBeUndefined()
  })

  it('gives records without a name the name of their store\'s sessions', async () => {
    const here = place({ name: 'cart' })
    await here.put('a', { name: undefined })
    expect(await readStore(here, 'kept', [], lifetimes)).toMatchObject({ sessions: [{ name: 'cart' }] })
  })

  it('names the limit of each session by the options of its name', async () => {
    const here = place({ idleTimeout: 3600 })
    await here.put('a')
    await here.put('b', { name: 'short' })
    const { sessions } = await readStore(here, 'kept', [], name => name === 'short' ? { maxAge: 4, idleTimeout: undefined } : here.config)
    expect(Object.fromEntries(sessions.map(({ name, limit }) => [name, limit]))).toEqual({ h3: 'idleTimeout (3600 s)', short: 'maxAge (4 s)' })
  })

  it('lists the first sessions, and looks up given handles that are not among them', async () => {
    const here = place()
    const ids = Array.from({ length: MAX_LISTED + 20 }, (_, index) => `s${index}`)
    for (const id of ids) await here.put(id)
    const handles = ids.map(handleOf).toSorted()
    const first = await readStore(here, 'kept', [], lifetimes)
    expect([first.sessions.map(({ handle }) => handle), first.hasMore]).toEqual([handles.slice(0, MAX_LISTED), true])
    const last = handles.at(-1)!
    const { sessions, ended } = await readStore(here, 'kept', [handles[0]!, last], lifetimes)
    expect([sessions.length, sessions.at(-1)!.handle, ended]).toEqual([MAX_LISTED + 1, last, []])
  })

  it('returns how the sessions of given handles ended', async () => {
    const here = place()
    const { store, env, put } = here
    for (const id of ['revoked', 'superseded', 'expired', 'user']) await put(id, id === 'user' ? { userId: 'u', epoch: 0 } : {})
    await store.destroy(handleOf('revoked'), { reason: 'revoked', until: env.now() + 9 * HOUR })
    await store.destroy(handleOf('superseded'), { reason: 'superseded', until: env.now() + 9 * HOUR })
    ;(env.driver.getInstance!() as Map<string, unknown>).set(handleOf('malformed'), '{"v":1,')
    await store.raiseEpoch('u')
    env.time += HOUR
    const asked = ['revoked', 'superseded', 'expired', 'user', 'malformed', 'gone'].map(handleOf)
    const { sessions, ended } = await readStore(here, 'kept', asked, lifetimes)
    expect(sessions).toEqual([])
    expect(Object.fromEntries(ended.map(({ handle, reason }) => [handle, reason]))).toEqual(Object.fromEntries(
      [['revoked', 'revoked'], ['superseded', 'superseded'], ['expired', 'expired'], ['user', 'revoked'], ['malformed', 'malformed'], ['gone', 'gone']].map(([id, reason]) => [handleOf(id!), reason])))
  })
})

describe('a stored session', () => {
  it('gets exactly the given data, and keeps its other fields', async () => {
    const here = place()
    const { env, put, read } = here
    await put('a', { userId: 'u', epoch: 0, data: { n: 1, removed: true } })
    env.time += 1000
    const { before, session } = await editStored(here, placeOf('a'), JSON.parse('{ "n": 2, "__proto__": { "x": 1 } }'))
    expect([before!.data, session!.data]).toEqual([{ n: 1, removed: true }, { n: 2 }])
    expect(await read('a')).toMatchObject({ userId: 'u', data: { n: 2 }, lastSeenAt: env.now() - 1000, expiresAt: env.now() - 1000 + HOUR })
  })

  it.each<[string, SessionConfig, Partial<SessionRecord>]>([
    ['no lifetimes', {}, {}], ['a lifetime', { maxAge: 60 }, {}], ['its own lifetime', { maxAge: 60 }, { maxAge: 600 }], ['an idle timeout', { idleTimeout: 60 }, {}], ['a lifetime of years', { maxAge: 99_999_999 }, {}],
  ])('with %s is rejected as expired after it was expired', async (_, config, fields) => {
    const here = place(config)
    const { env, put, read } = here
    await put('a', fields)
    await expireStored(here, placeOf('a'))
    const record = await read('a')
    expect(rejectReasonOf(toStoredSession('a', record!), here.config, env.now())).toBe('expired')
    expect((await here.store.list({})).entries).toEqual([])
  })

  it('is revoked once, and cannot be changed afterwards', async () => {
    const here = place()
    await here.put('a', { data: { n: 1 } })
    expect(await revokeStored(here, placeOf('a'))).toMatchObject({ kind: 'revoke', before: { data: { n: 1 } } })
    expect(await here.store.get(handleOf('a'))).toEqual({ dead: 'revoked' })
    const again = 'The session has already ended. Nothing was changed.'
    await expect(revokeStored(here, placeOf('a'))).rejects.toThrow(again)
    await expect(editStored(here, placeOf('a'), {})).rejects.toThrow(again)
    await expect(expireStored(here, placeOf('a'))).rejects.toThrow(again)
    await expect(editStored(here, placeOf('nobody'), {})).rejects.toThrow(again)
    await expect(revokeStored(here, { ...placeOf('a'), handle: 'an-id-and-no-handle' })).rejects.toThrow('a session handle')
  })
})

describe('copyOf', () => {
  it('copies a small session in full, and a large one without its data', () => {
    const small = { id: 'a', createdAt: 1, data: { n: 1n, x: undefined } }
    expect(copyOf(small as never)).toEqual({ id: 'a', createdAt: 1, data: { n: '1' } })
    const large = { id: 'a', createdAt: 1, userId: 'u', data: { text: 'x'.repeat(MAX_COPIED) }, flash: { f: 1 } }
    expect(copyOf(large)).toEqual({ id: 'a', createdAt: 1, userId: 'u', data: {}, isCut: true, sizes: [{ key: 'text', bytes: MAX_COPIED + 10 }] })
  })
})

function placeOf(id: string) {
  return { storage: 'kept', name: 'h3', handle: handleOf(id) }
}

function place(options: SessionConfig = {}) {
  const env = new FakeEnvironment()
  const config = resolveConfig({ password: PASSWORD, storage: 'kept', ...options }, undefined, { createCodec: createWebCodec })
  const store = env.storeOf(config)
  return {
    env, config, store,
    put: (id: string, fields: Partial<SessionRecord> = {}) =>
      store.create(handleOf(id), { name: 'h3', createdAt: env.now(), lastSeenAt: env.now(), expiresAt: env.now() + HOUR, data: {}, ...fields }),
    read: async (id: string) => {
      const found = await store.get(handleOf(id))
      return isAlive(found) ? found.record : undefined
    },
  }
}
