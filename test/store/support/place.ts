import { createDatabase } from 'db0'
import sqlite from 'db0/connectors/node-sqlite'
import type { Redis } from 'ioredis'
import db0 from 'unstorage/drivers/db0'
import fsLite from 'unstorage/drivers/fs-lite'
import redis from 'unstorage/drivers/redis'
import type { StoreDriver } from '../../../src/runtime/core/store/environment'

/** Where sessions are kept, as it can be told to another process. */
export type Place =
  | { driver: 'redis', port: number, base?: string }
  | { driver: 'redis-cluster', port: number, base?: string }
  | { driver: 'sqlite', path: string }
  | { driver: 'fs-lite', base: string }

/** Opens a place, as every process does for itself. `dispose` closes it. */
export function createDriver(place: Place): StoreDriver & { dispose: () => unknown } {
  if (place.driver === 'fs-lite') return Object.assign(fsLite({ base: place.base }) as unknown as StoreDriver, { dispose: () => undefined })
  if (place.driver === 'sqlite') {
    const database = createDatabase(sqlite({ path: place.path }))
    return Object.assign(db0({ database }) as unknown as StoreDriver, { dispose: () => database.dispose() })
  }
  const { port, base } = place
  const address = { host: '127.0.0.1', port }
  const driver = redis(place.driver === 'redis' ? { ...address, base } : { cluster: [address], base }) as unknown as StoreDriver & { dispose: () => void }
  const client = driver.getInstance!() as Redis
  client.on('error', () => undefined)
  return driver
}
