import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import type { Alive, SessionStore } from '../../src/runtime/core/store/store'
import { MapDriver } from '../unit/store/support/map-driver'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { inEveryOrder } from './support/interleavings'
import type { Act } from './support/interleavings'
import { RedisCluster } from './support/redis-cluster'
import { RedisServer } from './support/redis-server'
import { recordAt, regenerate } from './support/scenarios'

vi.setConfig({ testTimeout: 120_000 })

const HOUR = 60 * 60 * 1000
const opened = new Opened()
let server: RedisServer
let cluster: RedisCluster

beforeAll(async () => {
  server = await RedisServer.start()
  opened.add(() => server.stop())
  cluster = await RedisCluster.start(1)
  opened.add(() => cluster.stop())
})
afterAll(() => opened.close())

const DRIVERS: Record<string, () => StoreDriver> = {
  'Redis': () => opened.driver({ driver: 'redis', port: server.port }),
  'Redis with one command for each key': () => opened.driver({ driver: 'redis', port: cluster.port }),
  'SQLite': () => opened.driver({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
  'any driver': () => new MapDriver(),
}

const name = (text: string) => nodeEnvironment.hash(text)
const [OLD, NEXT, OTHER] = [name('old'), name('next'), name('other')]
// The same for all: lists are in the order of times, and every order runs at least twice.
const NOW = Date.now()
const DESTROY = { reason: 'revoked', until: Date.now() + HOUR } as const

/** The operation of a concurrent request, in a separate process. */
const WRITES: Record<string, (store: SessionStore) => Promise<unknown>> = {
  'a read': store => store.get(OLD),
  'a read with its user': store => store.get(OLD, 'ada'),
  'an update': store => store.update(OLD, record => ({ ...record, data: { late: true } })),
  'an update of a state that was read before': async (store) => {
    const known = await store.get(OLD)
    if (known && 'record' in known) await store.update(OLD, record => ({ ...record, data: { late: true } }), known)
  },
  'an update that binds a user': store => store.update(OLD, record => ({ ...record, userId: 'bob' })),
  'a touch': store => store.touch(OLD, { lastSeenAt: Date.now() + 1, expiresAt: Date.now() + 2 * HOUR }),
}

describe.each(Object.entries(DRIVERS))('%s, with several processes, in every order of their calls', (driverName, open) => {
  let driver: StoreDriver
  let control: SessionStore
  let prefixes = 0
  beforeAll(() => { driver = open() })

  const act = (run: (store: SessionStore) => Promise<unknown>, prefix: string): Act =>
    (pausing, env) => run(createSessionStore({ driver: pausing, prefix }, env, { timeout: 1e9 }))

  async function every(runs: ((store: SessionStore) => Promise<unknown>)[], check: (results: unknown[]) => Promise<unknown>, prepare?: (store: SessionStore) => Promise<unknown>): Promise<void> {
    const begin = async () => {
      const prefix = `run${++prefixes}`
      control = createSessionStore({ driver, prefix }, nodeEnvironment, { timeout: 20_000 })
      await control.create(OLD, recordAt(NOW, { userId: 'ada' }))
      await prepare?.(control)
      return { acts: runs.map(run => act(run, prefix)), driver }
    }
    const count = await inEveryOrder(begin, ({ results, order }) => {
      for (const result of results) if (result instanceof Error) throw result
      return check(results).catch((error: unknown) => { throw new Error(`in the order ${order.join('')}`, { cause: error }) })
    })
    expect(count).toBeGreaterThan(1)
  }

  const keysOf = async (userId: string) => (await control.list({ userId })).entries.map(entry => entry.key).sort()
  const isAlive = async (handle: string) => {
    const found = await control.get(handle)
    return found !== undefined && 'record' in found
  }

  it.each(Object.entries(WRITES))('a session that is ended during %s stays ended', async (_name, write) => {
    await every([store => store.destroy(OLD, DESTROY), write], async ([outcome]) => {
      expect(outcome).toBe('destroyed')
      if (driver instanceof MapDriver) expect(driver.items.has(`run${prefixes}:${OLD}`)).toBe(false)
      expect(await control.get(OLD)).toEqual({ dead: 'revoked' })
      expect([await keysOf('ada'), await keysOf('bob'), (await control.list({})).entries]).toEqual([[], [], []])
    })
  })

  it.each(Object.entries(WRITES))('a session whose user\'s sessions are all revoked during %s is revoked, or bound to another user', async (_name, write) => {
    await every([store => store.raiseEpoch('ada'), write], async () => {
      const found = await control.get(OLD)
      if (found && 'record' in found) expect(found.record.userId).toBe('bob')
      expect(await keysOf('ada')).toEqual([])
    })
  })

  it.each(Object.entries(WRITES))('a session that gets a new id during %s has one id at the end', async (_name, write) => {
    await every([store => regenerate(store, OLD, NEXT), write], async ([outcome]) => {
      expect(await isAlive(OLD)).toBe(outcome !== 'destroyed')
      expect(await isAlive(NEXT)).toBe(outcome === 'destroyed')
    })
  })

  it('a login during a raise of the user\'s epoch is revoked if it read the epoch before', async () => {
    const login = async (store: SessionStore) => {
      const epoch = await store.epoch('ada')
      // If the raise has already found it, the login may get an error.
      await store.create(NEXT, recordAt(NOW, { userId: 'ada', epoch })).catch((error: unknown) => expect(error).toHaveProperty('code', 'SESSION_CONFLICT'))
      return epoch
    }
    await every([login, store => store.raiseEpoch('ada')], async ([read, raised]) => {
      expect(await isAlive(NEXT)).toBe(read === raised)
      expect(await keysOf('ada')).toEqual(read === raised ? [NEXT] : [])
    })
  })

  it('a session that gets a new id while it ends all others of its user stays alive', async () => {
    await every([store => regenerate(store, OLD, NEXT), store => store.raiseEpoch('ada', OLD)], async ([outcome]) => {
      // If its id was replaced before, there was nothing to except.
      const isLeftOut = String(await driver.getItem(`run${prefixes}:uepoch:${name('ada')}`)).includes(OLD)
      expect([await isAlive(OLD), await isAlive(NEXT)]).toEqual([outcome !== 'destroyed', outcome === 'destroyed' && isLeftOut])
      await control.raiseEpoch('ada')
      expect(await keysOf('ada')).toEqual([])
    })
  })

  // Thousands of orders, for which SQLite needs a while.
  if (driverName === 'Redis') it('a session that another one has ended stays ended if it ends all others itself', async () => {
    const both = (store: SessionStore) => Promise.all([NEXT, OTHER].map(handle => store.create(handle, recordAt(NOW, { userId: 'ada' }))))
    const endOthers = (own: string) => (store: SessionStore) => store.raiseEpoch('ada', own)
    await every([endOthers(NEXT), endOthers(OTHER)], async () => {
      expect(await keysOf('ada')).toEqual([])
    }, both)
  })

  if (driverName === 'Redis') it('of two logins at the same time with a limit of one session, one ends the other', async () => {
    const both = (store: SessionStore) => Promise.all([NEXT, OTHER].map(handle => store.create(handle, recordAt(NOW, { userId: 'ada' }))))
    const limit = (own: string) => (store: SessionStore) => store.endOldest(own, recordAt(NOW, { userId: 'ada' }), 1)
    await every([limit(NEXT), limit(OTHER)], async () => {
      expect(await keysOf('ada')).toHaveLength(1)
    }, both)
  })

  if (driverName !== 'any driver') it('two new ids at the same time leave one', async () => {
    await every([store => regenerate(store, OLD, NEXT), store => regenerate(store, OLD, OTHER)], async (outcomes) => {
      expect(outcomes.filter(outcome => outcome === 'destroyed')).toHaveLength(1)
      expect([await isAlive(OLD), await isAlive(NEXT) !== await isAlive(OTHER)]).toEqual([false, true])
      expect(await keysOf('ada')).toHaveLength(1)
    })
  })

  if (driverName !== 'any driver') it('of two calls that end a known state, one succeeds', async () => {
    const end = async (store: SessionStore) => {
      const known = await store.get(OLD) as Alive
      return 'record' in known ? store.destroy(OLD, { ...DESTROY, known }) : 'dead'
    }
    await every([end, end], async (outcomes) => {
      expect(outcomes.sort()).toEqual(['dead', 'destroyed'])
    })
  })

  if (driverName !== 'any driver') it('no update is lost', async () => {
    const count = (key: string) => (store: SessionStore) => store.update(OLD, record => ({ ...record, data: { ...record.data, [key]: true } }))
    await every([count('a'), count('b')], async () => {
      expect(await control.get(OLD)).toHaveProperty('record.data', { state: 'old', a: true, b: true })
    })
  })
})
