import { SessionError } from '../model/errors'
import { createDatabaseStore } from './backends/database'
import { isDatabase } from './backends/database-table'
import type { StoreContext, StoreDriver, StoreEnvironment } from './context'
import { createItemStore } from './backends/generic'
import { StoreKeys } from './keys'
import { createMemoryStore } from './backends/memory'
import { commandsLater, commandsOf, isRedisClient } from './backends/redis-scripts'
import { createRedisStore } from './backends/redis'
import type { SessionStore } from './store'

export interface StorePlace {
  /** What `storage.getMount(base).driver` gives. */
  driver: StoreDriver
  /** Begins every key below the mount; what `getMount` calls `relativeKey`. */
  prefix?: string
}

export interface StoreOptions {
  /** Milliseconds after which a silent driver is unavailable. */
  timeout: number
}

/**
 * The session store over an unstorage driver: by the connection of the redis, db0 and memory drivers, else by what
 * every driver can do. One process needs one store for each place: updates of a session wait for each other there.
 * @throws SESSION_CONFIG_INVALID where the driver cannot write
 */
export function createSessionStore({ driver, prefix = '' }: StorePlace, env: StoreEnvironment, { timeout }: StoreOptions): SessionStore {
  assertWritable(driver)
  const context: StoreContext = { env, driver, timeout }
  const keys = new StoreKeys(prefix, env.hash)
  const instance = isKnown(driver) ? driver.getInstance?.() : undefined
  if (driver.name === 'redis' && isRedisClient(instance)) return createRedisStore(context, keys, commandsOf(instance))
  if (driver.name === 'redis' && instance instanceof Promise) return createRedisStore(context, keys, commandsLater(instance))
  if (driver.name === 'db0' && isDatabase(instance)) return createDatabaseStore(context, keys, instance)
  if (driver.name === 'memory' && instance instanceof Map) return createMemoryStore(context, keys, instance)
  return createItemStore(context, keys)
}

// Asking for its connection opens it: only of drivers whose connection is of use.
function isKnown({ name }: StoreDriver): boolean {
  return name === 'redis' || name === 'db0' || name === 'memory'
}

function assertWritable({ name = 'unnamed', options, setItem, removeItem }: StoreDriver): void {
  const isReadOnly = (options as { readOnly?: boolean } | undefined)?.readOnly === true
  if (setItem && removeItem && !isReadOnly) return
  throw new SessionError('SESSION_CONFIG_INVALID',
    `sessions cannot be kept with the unstorage driver "${name}", which does not write. Name a mount with another driver in "storage".`)
}
