import { useSession as useH3Session } from 'h3'
import { defaults, seal } from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { SessionError } from '../../src/runtime/core/model/errors'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import { StoreKeys } from '../../src/runtime/core/store/keys'
import { isSameOrigin } from '../../src/runtime/adapters/shared/origin'
import { PASSWORD, TestApp, webCrypto } from '../unit/support/app'
import { h3Event, useOurs } from '../unit/support/h3'
import { FakeStoreEnvironment } from '../unit/store/support/fake-environment'
import { MapDriver } from '../unit/store/support/map-driver'
import { expectNoPollution } from './support/prototypes'
import { World } from './support/world'

/** Failures that the campaign has found, each in its smallest form. */

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

/** A Cookie header with a seal of this text, in chunks if it is too long for one cookie. */
async function cookieOf(world: World, text: string, name = 'h3'): Promise<string> {
  const parts = (await world.seal(text)).match(/.{1,4000}/gs) ?? []
  return parts.length === 1 ? `${name}=${parts[0]}` : [`${name}=__chunked__${parts.length}`, ...parts.map((part, index) => `${name}.${index + 1}=${part}`)].join('; ')
}

describe('a sealed payload that is read', () => {
  const session = (now: number, data: string) => `{"id":"sealed","createdAt":${now - 600_000},"data":${data}}`

  it('may be deeper than the stack', async () => {
    const world = new World('node')
    const { open } = world.request({ cookie: await cookieOf(world, session(world.env.now(), `{"__proto__":1,"deep":${nested(5700)}}`)) })
    expectNoPollution((await open()).data)
  })

  it.each<[what: string, text: string]>([['a number that JSON cannot write', '{"a":1e400}'], ['depth', `{"deep":${nested(600)}}`]])('may have %s when its idle time is renewed', async (_what, data) => {
    const world = new World('node', { idleTimeout: 1000 })
    const { use } = world.request({ cookie: await cookieOf(world, session(world.env.now(), data)) })
    await expect(use()).resolves.toHaveProperty('id')
  })

  it('may have a number that JSON cannot write when it is migrated to the store', async () => {
    const world = new World('node', { storage: 'session', migrateUntil: '2100-01-01' })
    const { use } = world.request({ cookie: await cookieOf(world, session(world.env.now(), '{"a":1e400}')) })
    await expect(use()).resolves.toHaveProperty('id')
  })

  it('does not affect a new visitor if it has another name and takes all the space', async () => {
    const world = new World('node')
    const { use } = world.request({ cookie: await cookieOf(world, session(world.env.now(), `{"text":"${'x'.repeat(7000)}"}`), 'other') })
    await expect(use()).resolves.toHaveProperty('isNew', true)
  })

  it('does not change a prototype if h3 has read it before and a write fails', async () => {
    const app = new TestApp()
    app.env.time = Date.now()
    app.env.hasHook = () => false
    const evil: unknown = JSON.parse(`{"id":"sealed","createdAt":${Date.now() - 1000},"data":{"a":1,"__proto__":{"isAdmin":true}}}`)
    const event = h3Event({ cookie: `h3=${await seal(webCrypto, evil, PASSWORD, defaults)}` })
    await useH3Session(event, { password: PASSWORD })
    const ours = await useOurs(app, event)
    await expect(ours.replace({ broken: () => 1 })).rejects.toMatchObject({ code: 'SESSION_NOT_SERIALIZABLE' })
    expect((ours.data as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expectNoPollution(ours.data)
  })
})

describe('a value in a store', () => {
  const NOW = new FakeStoreEnvironment().time
  const record = (rest: string) => `{"v":1,"lastSeenAt":${NOW},"expiresAt":${NOW + 1_000_000},"createdAt":${NOW},${rest}}`

  function given(items: Record<string, unknown>) {
    const env = new FakeStoreEnvironment()
    const keys = new StoreKeys('', env.hash)
    const handle = env.handle('a')
    const driver = new MapDriver(new Map(Object.entries(items).map(([kind, value]) => [{ session: keys.session(handle), epoch: keys.epoch('ada'), user: keys.userSession('ada', handle) }[kind]!, value])))
    return { store: createSessionStore({ driver }, env, { timeout: 500 }), handle, driver }
  }

  it('may be deeper than the stack, and does not break lists', async () => {
    const { store, handle } = given({ session: record(`"data":{"__proto__":1,"deep":${nested(50_000)}}`) })
    await expect(store.get(handle)).resolves.toBeDefined()
    await expect(store.list({})).resolves.toHaveProperty('entries')
  })

  it.each<[what: string, id: string]>([['another id', '"another"'], ['what is no id', '5']])('may name %s: the session has the id of its token', async (_what, id) => {
    const world = new World('node', { storage: 'session' })
    const driver = new MapDriver()
    world.env.driver = driver
    world.env.time = NOW
    const handle = world.env.hash('known')
    driver.items.set(handle, record(`"data":{},"id":${id}`))
    const session = await world.request({ cookie: await cookieOf(world, '{"id":"known","name":"h3"}') }).use()
    expect([session.id, session.handle]).toEqual(['known', handle])
    await session.update({ a: 1 })
    expect(JSON.parse(driver.items.get(handle) as string)).toMatchObject({ data: { a: 1 } })
  })

  it('may be a tombstone without a valid end: it does not stop the sweep', async () => {
    const { store, handle } = given({ session: '{"v":1,"dead":"revoked","until":{"toString":0}}' })
    await expect(store.sweep(100)).resolves.toHaveProperty('removed', 0)
    await expect(store.get(handle)).resolves.toEqual({ dead: 'revoked' })
  })

  it('may be an object in place of a user\'s epoch', async () => {
    const { store, handle } = given({ session: record('"data":{},"userId":"ada"'), epoch: { toString: 1 }, user: { toString: 1 } })
    const outcome = (call: Promise<unknown>) => call.then(() => undefined, (error: unknown) => error instanceof SessionError ? undefined : error)
    expect(await outcome(store.get(handle))).toBeUndefined()
    expect(await outcome(store.sweep(100))).toBeUndefined()
  })
})

it.each(['constructor', '__proto__'])('a session header named %s does not read an inherited property', async (sessionHeader) => {
  const app = new TestApp({ sessionHeader })
  await useOurs(app, h3Event())
  expect(app.env.reasons).toEqual([])
})

it('an origin without a host is not the same as no forwarded host', () => {
  const headers: Record<string, string> = { 'origin': 'file://', 'host': 'app.example', 'x-forwarded-host': '' }
  expect(isSameOrigin({ requestHeader: name => headers[name] }, 'DELETE')).toBe(false)
})
