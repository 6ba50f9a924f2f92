import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../src/runtime/core/config'
import { sealReference, sealSession } from '../../../src/runtime/core/seal'
import type { SessionRecord } from '../../../src/runtime/core/store/store'
import type { Session, SessionConfig, SessionRuntimeConfig } from '../../../src/runtime/core/types'
import { judgeToken } from '../../../src/runtime/server/devtools/token-verdict'
import { OLD_PASSWORD, PASSWORD } from '../support/app'
import { FakeEnvironment } from '../support/environment'
import { handleOf } from './support/observed'

const HOUR = 3_600_000
const STORED = { storage: 'kept' }

describe('a reference', () => {
  it('is the session that its store has', async () => {
    const app = setUp(STORED)
    await app.put('a', { userId: 'u', epoch: 0, data: { n: 1 } })
    expect(await app.judge(await app.reference('a'))).toEqual({
      holds: 'reference', sealedName: 'h3', storage: 'kept', passwordIndex: 0, isFallback: false, reason: undefined,
      expiresAt: expect.any(Number), session: expect.objectContaining({ id: 'a', userId: 'u', data: { n: 1 } }),
    })
  })

  it('is told why it is none', async () => {
    const app = setUp({ ...STORED, maxAge: 600 })
    for (const id of ['cleared', 'renewed', 'everywhere', 'old']) await app.put(id, id === 'everywhere' ? { userId: 'u', epoch: 0 } : {})
    await app.store.destroy(handleOf('cleared'), { reason: 'revoked', until: app.env.now() + HOUR })
    await app.store.destroy(handleOf('renewed'), { reason: 'superseded', until: app.env.now() + HOUR })
    await app.store.raiseEpoch('u')
    ;(app.env.driver.getInstance!() as Map<string, unknown>).set(handleOf('broken'), 'rubbish')
    const verdict = async (id: string) => app.judge(await app.reference(id))
    expect(await verdict('cleared')).toMatchObject({ reason: 'revoked' })
    expect(await verdict('everywhere')).toMatchObject({ reason: 'revoked' })
    expect(await verdict('renewed')).toMatchObject({ reason: 'superseded' })
    expect(await verdict('broken')).toMatchObject({ reason: 'malformed', record: 'broken' })
    expect(await verdict('nobody')).toMatchObject({ reason: 'expired', record: 'none' })
    const old = await app.reference('old')
    app.env.time += 601_000
    expect(await app.judge(old), 'its seal has ended').toMatchObject({ holds: 'reference', reason: 'expired' })
    expect(await app.judge(await app.reference('old', { createdAt: app.env.now() })), 'its record has ended').toMatchObject({ reason: 'expired', session: { id: 'old' } })
  })

  it('that was not used for too long is idle', async () => {
    const app = setUp({ ...STORED, idleTimeout: 60 })
    await app.put('a')
    app.env.time += 61_000
    expect(await app.judge(await app.reference('a'))).toMatchObject({ reason: 'idle', session: { id: 'a' } })
  })

  it('is nothing where there is no store, and foreign under another name', async () => {
    const app = setUp({ named: { cart: STORED } })
    await app.put('a', { name: 'cart' }, 'cart')
    const token = await app.reference('a', {}, 'cart')
    expect(await app.judge(token, ['h3'])).toMatchObject({ holds: 'reference', reason: 'malformed' })
    expect(await app.judge(token, ['h3', 'cart']), 'of several names it is the one that it says').toMatchObject({ reason: undefined, session: { id: 'a' } })
    const other = setUp(STORED)
    expect(await other.judge(token)).toMatchObject({ holds: 'reference', reason: 'foreign', sealedName: 'cart' })
  })
})

describe('a whole session', () => {
  it('is accepted where there is no store', async () => {
    const app = setUp({ maxAge: 600 })
    expect(await app.judge(await app.whole({ id: 'a', name: 'h3' }))).toMatchObject({ holds: 'session', reason: undefined, session: { id: 'a' }, expiresAt: app.env.now() + 600_000 })
    const old = await app.whole({ id: 'a' })
    app.env.time += 600_000
    expect(await app.judge(old)).toMatchObject({ reason: 'expired', session: { id: 'a' } })
  })

  it('is refused where there is one, and told until when it was or will be taken over', async () => {
    const until = Date.UTC(2031, 0, 2)
    const token = await setUp().whole({ id: 'a', userId: 'u' })
    expect(await setUp(STORED).judge(token)).toMatchObject({ storage: 'kept', reason: 'expired', takeover: { isOpen: false, until: undefined } })
    const app = setUp({ ...STORED, migrateUntil: until })
    const taken = await app.judge(token)
    expect(taken).toMatchObject({ takeover: { isOpen: true, until }, session: { id: 'a' } })
    expect(taken.reason).toBeUndefined()
    await app.store.destroy(handleOf('a'), { reason: 'superseded', until: until + HOUR })
    expect(await app.judge(token)).toMatchObject({ reason: 'superseded' })
    app.env.time = until
    expect(await app.judge(token)).toMatchObject({ reason: 'expired', takeover: { isOpen: false, until } })
  })

  it('of a user who was logged out everywhere is revoked', async () => {
    const app = setUp({ ...STORED, migrateUntil: Date.UTC(2031, 0, 2) })
    const token = await app.whole({ id: 'a', userId: 'u', authenticatedAt: app.env.now() })
    await app.store.raiseEpoch('u')
    expect(await app.judge(token)).toMatchObject({ reason: 'revoked' })
  })
})

it('tells seals of other passwords, other iterations, other kinds and none', async () => {
  const iterations = { seal: { encryption: { iterations: 8192 }, integrity: { iterations: 8192 } } } as SessionConfig
  expect(await setUp().judge(await setUp({ password: OLD_PASSWORD }).whole({ id: 'a' }))).toEqual({ reason: 'tampered', hint: undefined })
  expect(await setUp().judge(await setUp(iterations).whole({ id: 'a' }))).toEqual({ reason: 'tampered', hint: 8192 })
  expect(await setUp({ password: [PASSWORD, OLD_PASSWORD] }).judge(await setUp({ password: OLD_PASSWORD }).whole({ id: 'a' }))).toMatchObject({ reason: undefined, passwordIndex: 1 })
  expect(await setUp().judge(await setUp().whole({ id: 'a', data: [] as never }))).toEqual({ reason: 'malformed' })
  expect(await setUp().judge('rubbish')).toMatchObject({ reason: 'malformed' })
})

function setUp(runtime: SessionRuntimeConfig = {}) {
  const env = new FakeEnvironment()
  const configOf = (name = 'h3') => resolveConfig({ name }, { password: PASSWORD, ...runtime })
  const storeOf = (name?: string) => env.storeOf(configOf(name))
  return {
    env,
    get store() { return storeOf() },
    put: (id: string, fields: Partial<SessionRecord> = {}, name?: string) =>
      storeOf(name).create(handleOf(id), { v: 1, name: 'h3', createdAt: env.now(), lastSeenAt: env.now(), expiresAt: env.now() + HOUR, data: {}, ...fields }),
    reference: (id: string, fields: Partial<Session> = {}, name?: string) =>
      sealReference({ id, createdAt: env.now(), data: {}, ...fields }, configOf(name), env.now()),
    whole: (fields: Partial<Session>) => sealSession({ id: '', createdAt: env.now(), data: {}, ...fields }, configOf(), env.now()),
    judge: (token: string, names = ['h3']) => judgeToken(env, token, names.map(configOf)),
  }
}
