import { configInvalid } from '../model/errors'
import type { StoreBackend } from './backend'
import { DatabaseBackend } from './backends/database'
import { isDatabase } from './backends/database-table'
import { GenericBackend } from './backends/generic'
import { MemoryBackend } from './backends/memory'
import { isRedisClient, RedisBackend } from './backends/redis'
import type { StoreContext, StoreDriver, StoreEnvironment } from './context'
import { StoreKeys } from './keys'
import { RecordStore } from './record-store'
import type { SessionStore } from './store'

interface StoreMount {
  /** `storage.getMount(base).driver`. */
  driver: StoreDriver
  /** Prefix of every key below the mount; `relativeKey` of `getMount`. */
  prefix?: string
}

/**
 * Creates the session store over an unstorage driver. Uses the connection of the redis, db0 and memory drivers
 * directly. Create only one store for each mount in a process, because the store queues the updates of a session.
 * @throws SESSION_CONFIG_INVALID if the driver cannot write
 */
export function createSessionStore({ driver, prefix = '' }: StoreMount, env: StoreEnvironment, { timeout }: Pick<StoreContext, 'timeout'>): SessionStore {
  assertWritable(driver)
  const context = { env, driver, timeout }
  const keys = new StoreKeys(prefix, env.hash)
  return new RecordStore({ context, keys, backend: createBackend(context, keys) })
}

function createBackend(context: StoreContext, keys: StoreKeys): StoreBackend {
  const { driver } = context
  const { name = '' } = driver
  // getInstance() opens a connection, so only call it if the connection is used.
  const instance = ['redis', 'db0', 'memory'].includes(name) ? driver.getInstance?.() : undefined
  if (name === 'redis' && (isRedisClient(instance) || instance instanceof Promise)) return new RedisBackend(context, keys, instance)
  if (name === 'db0' && isDatabase(instance)) return new DatabaseBackend(context, keys, instance)
  if (name === 'memory' && instance instanceof Map) return new MemoryBackend(context, keys, instance)
  return new GenericBackend(context, keys)
}

function assertWritable({ name = 'unnamed', options, setItem, removeItem }: StoreDriver): void {
  const isReadOnly = (options as { readOnly?: boolean } | undefined)?.readOnly === true
  if (setItem && removeItem && !isReadOnly) return
  throw configInvalid(`sessions cannot be stored with the unstorage driver "${name}" because it is read-only. Set "storage" to a mount with another driver.`)
}
