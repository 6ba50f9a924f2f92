import { SessionError } from '../model/errors'
import { createDatabaseStore } from './backends/database'
import { isDatabase } from './backends/database-table'
import type { StoreContext, StoreDriver, StoreEnvironment } from './context'
import { createGenericStore } from './backends/generic'
import { StoreKeys } from './keys'
import { createMemoryStore } from './backends/memory'
import { commandsWhenConnected, commandsOf, isRedisClient } from './backends/redis-scripts'
import { createRedisStore } from './backends/redis'
import type { SessionStore } from './store'

export interface StoreMount {
  /** `storage.getMount(base).driver`. */
  driver: StoreDriver
  /** Prefix of every key below the mount; `relativeKey` of `getMount`. */
  prefix?: string
}

export interface StoreOptions {
  /** Milliseconds that the driver has to answer one store call. */
  timeout: number
}

/**
 * Creates the session store over an unstorage driver. Uses the connection of the redis, db0 and memory drivers
 * directly. Create only one store for each mount in a process, because the store queues the updates of a session.
 * @throws SESSION_CONFIG_INVALID if the driver cannot write
 */
export function createSessionStore({ driver, prefix = '' }: StoreMount, env: StoreEnvironment, { timeout }: StoreOptions): SessionStore {
  assertWritable(driver)
  const context: StoreContext = { env, driver, timeout }
  const keys = new StoreKeys(prefix, env.hash)
  const instance = isKnown(driver) ? driver.getInstance?.() : undefined
  if (driver.name === 'redis' && isRedisClient(instance)) return createRedisStore(context, keys, commandsOf(instance))
  if (driver.name === 'redis' && instance instanceof Promise) return createRedisStore(context, keys, commandsWhenConnected(instance))
  if (driver.name === 'db0' && isDatabase(instance)) return createDatabaseStore(context, keys, instance)
  if (driver.name === 'memory' && instance instanceof Map) return createMemoryStore(context, keys, instance)
  return createGenericStore(context, keys)
}

// getInstance() opens a connection, so only call it if the connection is used.
function isKnown({ name }: StoreDriver): boolean {
  return name === 'redis' || name === 'db0' || name === 'memory'
}

function assertWritable({ name = 'unnamed', options, setItem, removeItem }: StoreDriver): void {
  const isReadOnly = (options as { readOnly?: boolean } | undefined)?.readOnly === true
  if (setItem && removeItem && !isReadOnly) return
  throw new SessionError('SESSION_CONFIG_INVALID',
    `sessions cannot be stored with the unstorage driver "${name}" because it is read-only. Set "storage" to a mount with another driver.`)
}
