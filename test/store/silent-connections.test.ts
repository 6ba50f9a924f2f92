import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { until } from '../support/until'
import { FakeStoreEnvironment } from '../unit/store/support/fake-environment'
import { CuttingProxy } from './support/cutting-proxy'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisSentinel } from './support/redis-sentinel'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const HANDLE = nodeEnvironment.hash('a')

// The first slot of a cluster's second half.
const MIDDLE = 8192

const opened = new Opened()
let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
  opened.add(() => server.stop())
})
afterAll(() => opened.close())

async function proxied(target: number): Promise<CuttingProxy> {
  const proxy = await CuttingProxy.start(target)
  opened.add(() => proxy.stop())
  return proxy
}

const answers = (store: SessionStore, handle = HANDLE) => store.get(handle).then(() => true, () => false)

describe('a connection that stays open but is silent', () => {
  it('is dropped after three timeouts, and the store works over a new one', async () => {
    const proxy = await proxied(server.port)
    const store = createSessionStore({ driver: opened.driver({ driver: 'redis', port: proxy.port }) }, nodeEnvironment, { timeout: 200 })
    await store.create(HANDLE, recordAt(Date.now()))
    proxy.fallSilent()
    await expect(store.get(HANDLE)).rejects.toThrow('did not answer within 200 ms')
    // One call alone is enough: no other visitor has to wait in vain.
    await until(() => proxy.connections === 2)
    expect(await store.update(HANDLE, record => ({ ...record, data: { state: 'new' } }))).toHaveProperty('record.data', { state: 'new' })
  })
})

describe('a silent connection to one node of a cluster', () => {
  it('is dropped alone', { timeout: 60_000 }, async () => {
    const [first, second] = await startCluster()
    const proxy = await announceThroughProxy(first)
    const driver = opened.driver({ driver: 'redis-cluster', port: second.port })
    const store = createSessionStore({ driver }, nodeEnvironment, { timeout: 300 })
    const [ofFirst, ofSecond] = [await handleWith(first, slot => slot < MIDDLE), await handleWith(first, slot => slot >= MIDDLE)]
    for (const handle of [ofFirst, ofSecond]) await until(() => store.create(handle, recordAt(Date.now())).then(() => true, () => false))
    const streamTo = (port: number) => (driver.getInstance!() as Cluster).nodes().find(node => node.options.port === port)?.stream
    const [toFirst, toSecond] = [streamTo(proxy.port), streamTo(second.port)]
    expect([toFirst, toSecond]).not.toContain(undefined)
    proxy.fallSilent()
    expect(await answers(store, ofFirst)).toBe(false)
    await until(async () => {
      expect(await answers(store, ofSecond)).toBe(true)
      return answers(store, ofFirst)
    })
    expect(streamTo(proxy.port)).not.toBe(toFirst)
    expect(streamTo(second.port)).toBe(toSecond)
  })
})

describe('a master that hangs', () => {
  it.each([false, true])('is left when its Sentinel has another one (failoverDetector: %s)', { timeout: 60_000 }, async (failoverDetector) => {
    const { master, replica, port } = await startSentinel()
    const store = createSessionStore({ driver: opened.driver({ driver: 'redis-sentinel', port, failoverDetector }) }, nodeEnvironment, { timeout: 300 })
    await store.create(HANDLE, recordAt(Date.now()))
    await until(() => replica.command('EXISTS', HANDLE).then(count => count === 1))
    master.signal('SIGSTOP')
    await until(() => answers(store))
    expect(await store.update(HANDLE, record => ({ ...record, data: { state: 'new' } }))).toHaveProperty('record.data', { state: 'new' })
    expect(await replica.command('GET', HANDLE)).toContain('"state":"new"')
  })
})

describe('a connection that answers', () => {
  it('is kept if a call times out for another reason', async () => {
    const proxy = await proxied(server.port)
    const env = new FakeStoreEnvironment()
    const driver = opened.driver({ driver: 'redis', port: proxy.port, base: 'kept' })
    const store = createSessionStore({ driver }, env, { timeout: 2000 })
    await store.create(HANDLE, env.record())
    const { stream } = driver.getInstance!() as Redis
    let finish = (): void => undefined
    // The second update waits for the first one, which the app keeps busy.
    const slow = store.update(HANDLE, record => new Promise(resolve => finish = () => resolve(record)))
    const waiting = expect(store.update(HANDLE, record => ({ ...record }))).rejects.toThrow('waited too long')
    await until(() => store.get(HANDLE).then(() => env.timers > 0))
    await env.advance(2000)
    await waiting
    for (let check = 0; check < 3; check++) {
      expect(await store.get(HANDLE)).toHaveProperty('record')
      await env.advance(2000)
    }
    expect(env.timers).toBe(0)
    expect((driver.getInstance!() as Redis).stream).toBe(stream)
    expect(proxy.connections).toBe(1)
    finish()
    await slow
  })
})

async function startSentinel(): Promise<RedisSentinel> {
  const sentinel = await RedisSentinel.start({ downAfter: 500 })
  opened.add(() => sentinel.stop())
  return sentinel
}

/** Two nodes with half of the slots each. */
async function startCluster(): Promise<[RedisServer, RedisServer]> {
  const start = () => RedisServer.start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1')
  const [first, second] = [await start(), await start()]
  for (const node of [first, second]) opened.add(() => node.stop())
  await first.command('CLUSTER', 'ADDSLOTSRANGE', '0', `${MIDDLE - 1}`)
  await second.command('CLUSTER', 'ADDSLOTSRANGE', `${MIDDLE}`, '16383')
  await second.command('CLUSTER', 'SET-CONFIG-EPOCH', '2')
  await first.command('CLUSTER', 'MEET', '127.0.0.1', `${second.port}`)
  return [first, second]
}

/** Makes the clients of a node connect through a proxy. */
async function announceThroughProxy(node: RedisServer): Promise<CuttingProxy> {
  const proxy = await proxied(node.port)
  await node.command('CONFIG', 'SET', 'cluster-announce-bus-port', `${node.port + 10_000}`)
  await node.command('CONFIG', 'SET', 'cluster-announce-port', `${proxy.port}`)
  return proxy
}

async function handleWith(node: RedisServer, isSlot: (slot: number) => boolean): Promise<string> {
  for (let at = 0; ; at++) {
    const handle = nodeEnvironment.hash(`session ${at}`)
    if (isSlot(Number(await node.command('CLUSTER', 'KEYSLOT', handle)))) return handle
  }
}
