import { describe, expect, it } from 'vitest'
import { createWebCodec } from '../../../src/runtime/core/seal/web-codec'
import { resolveConfig } from '../../../src/runtime/core/config/resolve'
import { sealReference } from '../../../src/runtime/core/seal/reference'
import { sealSession } from '../../../src/runtime/core/seal/seal'
import type { SessionRecord } from '../../../src/runtime/core/store/store'
import type { Session, SessionConfig, SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import { tokenFacts } from '../../../src/runtime/server/devtools/token-facts'
import { inspectToken } from '../../../src/runtime/server/devtools/token-verdict'
import { OLD_PASSWORD, PASSWORD } from '../support/app'
import { FakeEnvironment } from '../support/environment'
import { handleOf } from './support/observed'

const HOUR = 3_600_000
const STORED = { storage: 'kept' }

describe('a reference', () => {
  it('gives the session in its store', async () => {
    const app = setUp(STORED)
    await app.put('a', { userId: 'u', epoch: 0, data: { n: 1 } })
    expect(await app.inspect(await app.reference('a'))).toEqual({
      content: 'reference', id: 'a', sealedName: 'h3', storage: 'kept', passwordIndex: 0, isFallback: false, reason: undefined, limit: undefined,
      expiresAt: expect.any(Number), session: expect.objectContaining({ id: 'a', userId: 'u', data: { n: 1 } }),
    })
  })

  it('is rejected with a reason if its session has ended', async () => {
    const app = setUp({ ...STORED, maxAge: 600 })
    for (const id of ['cleared', 'renewed', 'everywhere', 'old']) await app.put(id, id === 'everywhere' ? { userId: 'u', epoch: 0 } : {})
    await app.store.destroy(handleOf('cleared'), { reason: 'revoked', until: app.env.now() + HOUR })
    await app.store.destroy(handleOf('renewed'), { reason: 'superseded', until: app.env.now() + HOUR, successor: handleOf('next') })
    await app.store.raiseEpoch('u')
    ;(app.env.driver.getInstance!() as Map<string, unknown>).set(handleOf('broken'), 'rubbish')
    const inspect = async (id: string) => app.inspect(await app.reference(id))
    expect(await inspect('cleared')).toMatchObject({ id: 'cleared', reason: 'revoked' })
    expect(await inspect('everywhere')).toMatchObject({ reason: 'revoked' })
    expect(await inspect('renewed')).toMatchObject({ reason: 'superseded', successor: handleOf('next') })
    expect(await inspect('broken')).toMatchObject({ reason: 'malformed', record: 'malformed' })
    expect(await inspect('nobody')).toEqual({ id: 'nobody', content: 'reference', sealedName: 'h3', storage: 'kept', passwordIndex: 0, isFallback: false, reason: 'expired', record: 'missing', isInMemory: true })
    app.env.driver = { ...app.env.driver, name: 'fs' } as never
    expect(await inspect('nobody')).not.toHaveProperty('isInMemory')
    const old = await app.reference('old')
    app.env.time += 601_000
    expect(await app.inspect(old), 'its seal has expired').toMatchObject({ content: 'reference', reason: 'expired' })
    expect(await app.inspect(await app.reference('old', { createdAt: app.env.now() })), 'its record has expired').toMatchObject({ reason: 'expired', session: { id: 'old' } })
  })

  it('is idle if it was not used for too long', async () => {
    const app = setUp({ ...STORED, idleTimeout: 60 })
    await app.put('a')
    app.env.time += 61_000
    expect(await app.inspect(await app.reference('a'))).toMatchObject({ reason: 'idle', limit: 'idleTimeout (60 s)', session: { id: 'a' } })
  })

  it('is malformed if there is no store, and foreign under another name', async () => {
    const app = setUp({ named: { cart: STORED } })
    await app.put('a', { name: 'cart' }, 'cart')
    const token = await app.reference('a', {}, 'cart')
    expect(await app.inspect(token, ['h3'])).toMatchObject({ content: 'reference', reason: 'malformed' })
    expect(await app.inspect(token, ['h3', 'cart']), 'the name in the seal selects the configuration').toMatchObject({ reason: undefined, session: { id: 'a' } })
    const other = setUp(STORED)
    expect(await other.inspect(token)).toMatchObject({ content: 'reference', reason: 'foreign', sealedName: 'cart' })
  })
})

it('a token is whole if nothing of it is missing', async () => {
  const app = setUp({})
  const token = await app.cookieSession({ id: 'a' })
  expect([token, token.slice(0, -1), token.slice(1), token.replace('Fe26', 'Fe27'), ''].map(text => tokenFacts(text).isWhole)).toEqual([true, false, false, false, false])
})

describe('a cookie session', () => {
  it('is accepted if there is no store', async () => {
    const app = setUp({ maxAge: 600 })
    expect(await app.inspect(await app.cookieSession({ id: 'a', name: 'h3' }))).toMatchObject({ content: 'session', reason: undefined, session: { id: 'a' }, expiresAt: app.env.now() + 600_000 })
    const old = await app.cookieSession({ id: 'a' })
    app.env.time += 600_000
    expect(await app.inspect(old)).toMatchObject({ reason: 'expired', limit: 'maxAge (600 s)', session: { id: 'a' } })
    const short = await app.cookieSession({ id: 'a', maxAge: 60 })
    app.env.time += 60_000
    expect(await app.inspect(short)).toMatchObject({ reason: 'expired', limit: 'the maxAge that regenerate() gave it (60 s)' })
  })

  it('is rejected if there is a store, except until the end of the migration', async () => {
    const until = Date.UTC(2031, 0, 2)
    const token = await setUp().cookieSession({ id: 'a', userId: 'u' })
    expect(await setUp(STORED).inspect(token)).toMatchObject({ storage: 'kept', reason: 'expired', migration: { isOpen: false, until: undefined } })
    const app = setUp({ ...STORED, migrateUntil: until })
    const migrating = await app.inspect(token)
    expect(migrating).toMatchObject({ migration: { isOpen: true, until }, session: { id: 'a' } })
    expect(migrating.reason).toBeUndefined()
    await app.store.destroy(handleOf('a'), { reason: 'superseded', until: until + HOUR })
    expect(await app.inspect(token)).toMatchObject({ reason: 'superseded' })
    app.env.time = until
    expect(await app.inspect(token)).toMatchObject({ reason: 'expired', migration: { isOpen: false, until } })
  })

  it('is revoked if all sessions of its user were revoked', async () => {
    const app = setUp({ ...STORED, migrateUntil: Date.UTC(2031, 0, 2) })
    const token = await app.cookieSession({ id: 'a', userId: 'u', authenticatedAt: app.env.now() })
    await app.store.raiseEpoch('u')
    expect(await app.inspect(token)).toMatchObject({ reason: 'revoked' })
  })
})

it('gives the reason for other passwords, other iterations, other contents and no seal', async () => {
  const iterations = { seal: { encryption: { iterations: 8192 }, integrity: { iterations: 8192 } } } as SessionConfig
  expect(await setUp().inspect(await setUp({ password: OLD_PASSWORD }).cookieSession({ id: 'a' }))).toEqual({ reason: 'tampered', iterations: undefined })
  expect(await setUp().inspect(await setUp(iterations).cookieSession({ id: 'a' }))).toEqual({ reason: 'tampered', iterations: 8192 })
  expect(await setUp({ password: [PASSWORD, OLD_PASSWORD] }).inspect(await setUp({ password: OLD_PASSWORD }).cookieSession({ id: 'a' }))).toMatchObject({ reason: undefined, passwordIndex: 1 })
  expect(await setUp().inspect(await setUp().cookieSession({ id: 'a', data: [] as never }))).toEqual({ reason: 'malformed' })
  expect(await setUp().inspect('rubbish')).toMatchObject({ reason: 'malformed' })
})

it('says that a seal has too many levels, also after its end', async () => {
  const app = setUp()
  const text = `{"id":"a","createdAt":${app.env.now()},"data":{"a":${'['.repeat(3000)}${']'.repeat(3000)}}}`
  for (const end of [app.env.now() + HOUR, app.env.now() - HOUR])
    expect(await app.inspect(await app.sealText(text, end))).toEqual({ reason: 'malformed', isTooDeep: true })
})

it('returns no own keys __proto__', async () => {
  const { cookieSession, inspect } = setUp()
  const { session } = await inspect(await cookieSession({ id: 'a', data: JSON.parse('{"__proto__":{"admin":true},"a":{"__proto__":1}}') }))
  expect(JSON.stringify(session?.data)).toBe('{"a":{}}')
})

function setUp(runtime: SessionRuntimeConfig = {}) {
  const env = new FakeEnvironment()
  const configOf = (name = 'h3') => resolveConfig({ name }, { password: PASSWORD, ...runtime }, { createCodec: createWebCodec })
  const storeOf = (name?: string) => env.storeOf(configOf(name))
  return {
    env,
    get store() { return storeOf() },
    put: (id: string, fields: Partial<SessionRecord> = {}, name?: string) =>
      storeOf(name).create(handleOf(id), { name: 'h3', createdAt: env.now(), lastSeenAt: env.now(), expiresAt: env.now() + HOUR, data: {}, ...fields }),
    reference: (id: string, fields: Partial<Session> = {}, name?: string) =>
      sealReference({ id, createdAt: env.now(), data: {}, ...fields }, configOf(name), env.now()),
    cookieSession: (fields: Partial<Session>) => sealSession({ id: '', createdAt: env.now(), data: {}, ...fields }, configOf(), env.now()),
    sealText: async (text: string, end: number) => configOf().openers[0]!.codec.seal(text, String(end), env.now()),
    inspect: (token: string, names = ['h3']) => inspectToken(Object.assign(env, { host: { mountOf: () => ({ base: '', driver: env.driver }) } }), token, names.map(configOf)),
  }
}
