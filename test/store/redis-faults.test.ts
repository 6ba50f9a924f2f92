import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const SECRET = 'hunter2'
const HANDLE = nodeEnvironment.hash('a')

const opened = new Opened()
let server: RedisServer
let store: SessionStore

beforeEach(async () => {
  server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always')
  opened.add(() => server.stop())
  store = createSessionStore({ driver: opened.driver({ driver: 'redis', port: server.port }) }, nodeEnvironment, { timeout: 300 })
  await store.create(HANDLE, recordAt(Date.now(), { userId: 'ada', data: { password: SECRET, count: 0 } }))
})
afterEach(() => opened.close())

/** Reads and writes in eight parallel loops of requests, until they are stopped. */
function load() {
  const outcomes = { done: 0, errors: [] as unknown[], isOver: false }
  const request = async (at: number) => {
    try {
      if (at % 2) await store.get(HANDLE)
      else await store.update(HANDLE, record => ({ ...record, data: { ...record.data, count: record.data.count + 1 } }))
      outcomes.done++
    }
    catch (error) {
      outcomes.errors.push(error)
    }
  }
  const clients = Array.from({ length: 8 }, async (_item, at) => {
    while (!outcomes.isOver) await request(at)
  })
  const stop = () => {
    outcomes.isOver = true
    return Promise.all(clients)
  }
  return { outcomes, stop }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => void setTimeout(resolve, 5))
}

function expectUnavailable(errors: unknown[]): void {
  for (const error of errors) {
    expect(error).toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', statusCode: 503 })
    const said = inspect(error, { depth: 10, showHidden: true })
    expect([said.includes(SECRET), said.includes(HANDLE)]).toEqual([false, false])
  }
}

describe.each([
  ['is killed and started again', () => server.kill(), () => server.start()],
  ['is paused and continues', () => server.signal('SIGSTOP'), () => server.signal('SIGCONT')],
])('a Redis that %s under load', (_what, end, begin) => {
  it('makes sessions unavailable meanwhile, and the same store serves them afterwards', async () => {
    const { outcomes, stop } = load()
    await until(() => outcomes.done > 100)
    await end()
    await until(() => outcomes.errors.length > 16)
    await begin()
    const { done } = outcomes
    await until(() => outcomes.done > done + 100)
    await stop()
    expectUnavailable(outcomes.errors)
    const found = await store.get(HANDLE)
    expect(found).toHaveProperty('record.data.password', SECRET)
    expect((await store.list({ userId: 'ada' })).entries).toHaveLength(1)
  })
})

it('an error response is reported with its code and without stored data', async () => {
  await server.command('CONFIG', 'SET', 'maxmemory', '1')
  const error = await store.update(HANDLE, record => ({ ...record, data: {} })).catch((failure: unknown) => failure)
  expectUnavailable([error])
  expect((error as Error).message).toContain('failed (OOM)')
  await server.command('CONFIG', 'SET', 'maxmemory', '0')
  await server.command('SET', nodeEnvironment.hash('b'), SECRET)
  expect(await store.get(nodeEnvironment.hash('b'))).toEqual({ malformed: true })
  await server.command('LPUSH', nodeEnvironment.hash('c'), SECRET)
  const wrong = await store.create(nodeEnvironment.hash('c'), recordAt(Date.now())).catch((failure: unknown) => failure)
  expectUnavailable([wrong])
  expect((wrong as Error).message).toContain('failed (WRONGTYPE)')
})

it('a master that has lost its replica refuses writes if it must not confirm them alone', async () => {
  await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1')
  await expect(store.update(HANDLE, record => ({ ...record }))).rejects.toThrow('failed (NOREPLICAS)')
  await expect(store.destroy(HANDLE, { reason: 'revoked', until: Date.now() + 60_000 })).rejects.toThrow('failed (NOREPLICAS)')
  expect(await store.get(HANDLE)).toHaveProperty('record.data.count', 0)
})

it('a server that is out of memory still ends sessions, and keeps them ended', async () => {
  const [cleared, ofBob] = [nodeEnvironment.hash('cleared'), nodeEnvironment.hash('of bob')]
  const record = () => recordAt(Date.now(), { userId: 'bob' })
  await store.create(cleared, record())
  await store.create(ofBob, record())
  await server.command('CONFIG', 'SET', 'maxmemory', '1')
  await expect(store.create(nodeEnvironment.hash('new'), record())).rejects.toThrow('failed (OOM)')
  const tombstone = { reason: 'revoked', until: Date.now() + 60_000 } as const
  expect(await store.destroy(cleared, tombstone)).toBe('destroyed')
  await store.raiseEpoch('bob')
  expect(await store.get(cleared)).toEqual({ dead: 'revoked' })
  expect(await store.get(ofBob)).toEqual({ dead: 'revoked' })
  expect((await store.list({ userId: 'bob' })).entries).toEqual([])
  expect(await store.get(HANDLE)).toHaveProperty('record')
})

it('a server that lost its scripts is given them again', async () => {
  await server.command('SCRIPT', 'FLUSH')
  expect(await store.update(HANDLE, record => ({ ...record }))).toHaveProperty('record')
})

it('a connection that the app has closed is reported as closed', async () => {
  const driver = opened.driver({ driver: 'redis', port: server.port })
  const closed = createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 })
  const client = driver.getInstance!() as { disconnect: () => void }
  client.disconnect()
  await expect(closed.get(HANDLE)).rejects.toThrow('failed (Connection is closed)')
})
