import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { Alive, SessionStore } from '../../src/runtime/core/store/store'
import { until } from '../support/until'
import { CuttingProxy } from './support/cutting-proxy'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisCluster } from './support/redis-cluster'
import type { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'
import { addName, Visitors } from './support/visitors'

const MASTERS = 3
const HOUR = 60 * 60 * 1000
// In ms. Also on a busy machine, no call takes so long.
const PATIENT = 20_000

const opened = new Opened()
let cluster: RedisCluster

beforeEach(async () => {
  cluster = await RedisCluster.startWithReplicas(MASTERS)
  opened.add(() => cluster.stop())
})
afterEach(() => opened.close())

function openStore(timeout: number): SessionStore {
  return createSessionStore({ driver: opened.driver({ driver: 'redis-cluster', port: cluster.port }) }, nodeEnvironment, { timeout })
}

/** Handles of new sessions whose slots are in this range. */
async function handlesIn(isSlot: (slot: number) => boolean, count: number): Promise<string[]> {
  const handles = Array.from({ length: 100 * count }, () => nodeEnvironment.hash(Math.random().toString()))
  const slots = await cluster.slotsOf(handles)
  return handles.filter((_handle, at) => isSlot(slots[at]!)).slice(0, count)
}

const isOnFirst = (slot: number) => slot <= cluster.ranges[0]![1]

function handlesOnAll(): Promise<string[][]> {
  return Promise.all(cluster.ranges.map(([first, last]) => handlesIn(slot => slot >= first && slot <= last, 3)))
}

/** Visitors of an app with two servers. */
async function startVisitors(sessions: string[], timeout: number): Promise<Visitors> {
  const visitors = await Visitors.start([openStore(timeout), openStore(timeout)], sessions)
  opened.add(() => visitors.stop())
  await visitors.goOn()
  return visitors
}

it('planned failovers of all masters lose no acknowledged write, and no visitor sees an error', async () => {
  const visitors = await startVisitors((await handlesOnAll()).flat(), PATIENT)
  for (let place = 0; place < MASTERS; place++) {
    await cluster.failOver(place)
    await visitors.goOn()
  }
  await visitors.stop()
  await visitors.expectWrites()
  expect([...visitors.errors]).toEqual([])
})

it('moving slots with sessions loses no acknowledged write, and no visitor sees an error', async () => {
  const moved = 800
  const sessions = await handlesIn(slot => slot < moved, 6)
  const visitors = await startVisitors(sessions, PATIENT)
  await cluster.reshard(0, 1, moved)
  await visitors.goOn()
  await visitors.stop()
  const [before, after] = [cluster.masters[0]!, cluster.masters[1]!]
  for (const session of sessions) {
    await expect(before.command('EXISTS', session)).rejects.toThrow('MOVED')
    expect(await after.command('EXISTS', session)).toBe(1)
  }
  await visitors.expectWrites()
  expect([...visitors.errors]).toEqual([])
})

it.each([
  ['is killed', 'SIGKILL', (master: RedisServer) => master.start()],
  ['hangs', 'SIGSTOP', (master: RedisServer) => master.signal('SIGCONT')],
] as const)('a master that %s loses at most what its replica had not confirmed, nothing is written twice, and sessions are back with the replica', async (_what, signal, begin) => {
  // A connection that is silent for three times this long is dropped.
  const visitors = await startVisitors((await handlesOnAll()).flat(), 2000)
  const mark = visitors.mark()
  await cluster.replicated(0)
  const down = cluster.masters[0]!
  await cluster.takeOver(0, () => signal === 'SIGKILL' ? down.kill() : down.signal(signal))
  await visitors.goOn()
  // It becomes a replica.
  await begin(down)
  await cluster.replicated(0)
  await visitors.goOn()
  await visitors.stop()
  const handles = visitors.handles
  const slots = await cluster.slotsOf(handles)
  const slotOf = new Map(handles.map((handle, at) => [handle, slots[at]!]))
  await visitors.expectWrites({ mark, isPossible: handle => isOnFirst(slotOf.get(handle)!) })
  expect([...visitors.errors].filter(code => !/^SESSION_(?:STORE_UNAVAILABLE|CONFLICT)$/.test(code))).toEqual([])
})

it('writes whose answers were lost with their master are recognized by its replica, and done once', async () => {
  const down = cluster.masters[0]!
  const proxy = await CuttingProxy.start(down.port)
  opened.add(() => proxy.stop())
  await cluster.announce(0, proxy.port)
  const store = openStore(PATIENT)
  const [updated, replaced, other] = await handlesIn(isOnFirst, 3) as [string, string, string]
  for (const handle of [updated, replaced, other]) await store.create(handle, recordAt(Date.now(), { data: { names: [] } }))
  const end = (handle: string, known?: Alive) => store.destroy(handle, { reason: 'superseded', until: Date.now() + HOUR, known })
  // So that the master has the scripts.
  const before = await addName(store, updated, 'before') as Alive
  await end(other)
  const known = await store.get(replaced) as Alive
  proxy.isSilent = request => request.includes(updated) || request.includes(replaced)
  const writes = Promise.all([addName(store, updated, 'meanwhile', before), end(replaced, known)])
  await until(async () => String(await down.command('GET', updated)).includes('meanwhile') && String(await down.command('GET', replaced)).includes('superseded'))
  await cluster.failOver(0)
  await down.kill()
  expect(await writes).toEqual([expect.objectContaining({ record: expect.objectContaining({ data: { names: ['before', 'meanwhile'] } }) }), 'destroyed'])
  expect(await store.get(updated)).toHaveProperty('record.data.names', ['before', 'meanwhile'])
})

it('a master that is killed while its replica is cut off loses what it acknowledged meanwhile, and nothing else', async () => {
  const store = openStore(PATIENT)
  const [updated, ended, added] = await handlesIn(isOnFirst, 3) as [string, string, string]
  const tombstone = () => ({ reason: 'revoked', until: Date.now() + HOUR }) as const
  for (const handle of [updated, ended]) await store.create(handle, recordAt(Date.now(), { data: { names: [] } }))
  await addName(store, updated, 'before')
  await cluster.replicated(0)
  const [down, replica] = [cluster.masters[0]!, cluster.replicas[0]!]
  await cluster.takeOver(0, async () => {
    await cluster.cutReplica(0)
    expect(await addName(store, updated, 'meanwhile')).toHaveProperty('record')
    await store.create(added, recordAt(Date.now()))
    expect(await store.destroy(ended, tombstone())).toBe('destroyed')
    await down.kill()
    replica.signal('SIGCONT')
  })
  await until(() => store.get(updated).then(() => true, () => false))
  expect(await store.get(updated)).toHaveProperty('record.data.names', ['before'])
  expect(await store.get(added)).toBeUndefined()
  expect(await store.get(ended)).toHaveProperty('record')
  expect(await addName(store, updated, 'after')).toHaveProperty('record.data.names', ['before', 'after'])
  expect(await store.destroy(ended, tombstone())).toBe('destroyed')
  expect(await store.get(ended)).toEqual({ dead: 'revoked' })
})
