import { configInvalid } from '../model/errors'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreBackend, StoreParts } from './backend'
import { DatabaseBackend } from './backends/database'
import { isDatabase } from './backends/database-table'
import { GenericBackend } from './backends/generic'
import { MemoryBackend } from './backends/memory'
import { RedisBackend } from './backends/redis'
import { isRedisClient } from './backends/redis-connection'
import { consistencyOf } from './consistency'
import type { StoreContext, StoreDriver, StoreEnvironment } from './context'
import { withDeadline } from './deadline'
import type { Deadline } from './deadline'
import { KeyQueue } from './key-queue'
import { isHandle, StoreKeys } from './keys'
import { countUser, listSessions } from './listing'
import { newestHandle } from './newest-id'
import { getAppEpoch, getEpoch, getSession } from './reading'
import type { Found, RecordChange, SessionStore } from './store'
import { endOldest } from './user-limit'
import { raiseAppEpoch, raiseEpoch } from './epoch-changes'
import { appEpochOf, isBeforeAppEpoch } from './epochs'
import { WriteIds } from './write-ids'
import { createRecord, endOutdated, endRecord, putTombstone, touchRecord, updateRecord } from './writes'

// A bound for the memory of a long outage.
const MAX_ABANDONED = 1000
// How many timeouts a write waits for earlier ones that succeed, before its own.
const MAX_QUEUED = 9

/**
 * Creates the session store over an unstorage driver. `driver` and `prefix` are the `driver` and `relativeKey` of
 * `storage.getMount(base)`. Uses the connection of the redis, db0 and memory drivers directly. Create only one store
 * for each mount in a process, because the store queues the updates of a session.
 * @throws SESSION_CONFIG_INVALID if the driver cannot write
 */
export function createSessionStore({ driver, prefix = '' }: { driver: StoreDriver, prefix?: string }, env: StoreEnvironment, { timeout }: Pick<StoreContext, 'timeout'>): SessionStore {
  const { name = 'unnamed', options, setItem, removeItem } = driver
  const isReadOnly = (options as { readOnly?: boolean } | undefined)?.readOnly === true
  if (!setItem || !removeItem || isReadOnly)
    throw configInvalid(`sessions cannot be stored with the unstorage driver "${name}" because it is read-only. Set "storage" to a mount with another driver.`)
  const context = { env, driver, timeout }
  const keys = new StoreKeys(prefix, env.hash)
  const parts: StoreParts = {
    consistency: consistencyOf(driver), context, keys, backend: createBackend(context, keys), writeIds: new WriteIds(env.newWriter(), env.random()), shortening: new Set(),
  }
  // Only writes of other processes conflict; those of this process wait for each other.
  return storeOver(parts, new KeyQueue(env.now), new Map())
}

function createBackend(context: StoreContext, keys: StoreKeys): StoreBackend {
  const { driver } = context
  // getInstance() opens a connection, so only call it if the connection is used.
  const instance = ['redis', 'db0', 'memory'].includes(driver.name ?? '') ? driver.getInstance?.() : undefined
  if (driver.name === 'redis' && (isRedisClient(instance) || instance instanceof Promise)) return new RedisBackend(context, keys, instance)
  if (driver.name === 'db0' && isDatabase(instance)) return new DatabaseBackend(context, keys, instance)
  if (driver.name === 'memory' && instance instanceof Map) return new MemoryBackend(context, keys, instance)
  return new GenericBackend(context, keys)
}

/** `abandoned` contains the ends of the seals of abandoned sessions, by handle. */
function storeOver(parts: StoreParts, queue: KeyQueue, abandoned: Map<string, number>): SessionStore {
  const { context, backend } = parts
  const onTimeout = () => backend.noteTimeout?.(context.timeout)
  const [reading, writing] = [{ onTimeout }, { onTimeout, isWrite: true }]
  const read = <T>(body: (deadline: Deadline) => MaybePromise<T>) => withDeadline(context, body, reading)
  const write = <T>(body: (deadline: Deadline) => MaybePromise<T>) => withDeadline(context, body, writing)
  const enqueue = (handle: string, body: (deadline: Deadline) => Promise<Found>) => {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    const latest = context.env.now() + MAX_QUEUED * context.timeout
    const turn = { hasCome: false, get answeredAt() { return Math.min(queue.answeredAt(handle) ?? -Infinity, latest) } }
    const begin = (deadline: Deadline) => deadline.within(() => {
      turn.hasCome = true
      return body(deadline)
    })
    return withDeadline(context, deadline => deadline.within(() => queue.run(handle, () => begin(deadline))), { ...writing, turn })
  }
  const store: SessionStore = {
    atomicity: backend.atomicity,
    hasOneConnection: backend.hasOneConnection ?? false,
    consistency: parts.consistency,

    withTimeout: timeout => timeout === context.timeout ? store : storeOver({ ...parts, context: { ...context, timeout } }, queue, abandoned),

    create: (handle, record) => write(deadline => createRecord(parts, deadline, handle, record)),

    get: (handle, userId) =>
      isHandle(handle) ? read(deadline => getSession(parts, deadline, handle, userId)) : Promise.resolve(undefined),

    newest: handle =>
      isHandle(handle) ? read(deadline => newestHandle(parts, deadline, handle)) : Promise.resolve(handle),

    update: (handle, change, known) =>
      enqueue(handle, deadline => updateRecord(parts, deadline, handle, change, known)),

    // Not in the queue: a read must not wait for the hooks of writes, nor may they keep the session from being renewed.
    touch: (handle, times, known) =>
      isHandle(handle) ? write(deadline => touchRecord(parts, deadline, handle, times, known)) : Promise.resolve(undefined),

    destroy: (handle, options) =>
      isHandle(handle) ? write(deadline => endRecord(parts, deadline, handle, options)) : Promise.resolve('dead'),

    async abandon(handle, until) {
      try {
        await write(deadline => putTombstone(parts, deadline, handle, { reason: 'revoked', until }))
        abandoned.delete(handle)
      }
      catch {
        if (abandoned.size < MAX_ABANDONED) abandoned.set(handle, until)
      }
    },

    epoch: userId => read(deadline => andThen(getEpoch(parts, deadline, userId), epoch => epoch.number)),

    async raiseEpoch(userId, exceptIfAlive = '') {
      const handle = isHandle(exceptIfAlive) ? exceptIfAlive : undefined
      const { number, except } = await write(deadline => raiseEpoch(parts, deadline, userId, handle))
      // The epoch alone revokes the sessions, so the rest may fail.
      await read(deadline => endOutdated(parts, deadline, userId)).catch(() => undefined)
      if (except === undefined) return number
      // The excepted session gets the new epoch, so that it also stays alive under another handle.
      const bind: RecordChange = record => record.userId === userId ? { ...record, epoch: Math.max(record.epoch ?? 0, number) } : record
      await store.update(except, bind).catch(() => undefined)
      return number
    },

    appEpoch: name => read(deadline => andThen(getAppEpoch(parts, deadline), epoch => appEpochOf(epoch, name))),

    raiseAppEpoch: name => write(deadline => raiseAppEpoch(parts, deadline, name)),

    // In turns, because each login finds those before it.
    endOldest: (own, record, max) =>
      queue.run(`user:${record.userId}`, () => write(deadline => endOldest(parts, deadline, own, record, max))),

    list: filter => read(deadline => listSessions(parts, deadline, filter)),

    count: ({ userId }) =>
      read(deadline => userId === undefined ? backend.count(deadline) : countUser(parts, deadline, userId)),

    async sweep(limit) {
      const now = context.env.now()
      for (const [handle, until] of abandoned) {
        if (until <= now) abandoned.delete(handle)
        else await store.abandon(handle, until)
        // In an outage, each could take the whole timeout, and the other stores' sweeps wait. The next sweep tries again.
        if (abandoned.has(handle)) break
      }
      return read(async (deadline) => {
        const epoch = await getAppEpoch(parts, deadline)
        return backend.sweep(deadline, limit, epoch.text === undefined ? undefined : value => isBeforeAppEpoch(value, epoch))
      })
    },
  }
  return store
}
