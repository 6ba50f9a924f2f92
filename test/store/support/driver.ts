import { createDatabase } from 'db0'
import type { Connector } from 'db0'
import mysql from 'db0/connectors/mysql2'
import sqlite from 'db0/connectors/node-sqlite'
import postgresql from 'db0/connectors/postgresql'
import type { Redis } from 'ioredis'
import db0 from 'unstorage/drivers/db0'
import fsLite from 'unstorage/drivers/fs-lite'
import redis from 'unstorage/drivers/redis'
import type { StoreDriver } from '../../../src/runtime/core/store/context'

const HOST = '127.0.0.1'

/** Where sessions are kept, as it can be told to another process. */
export type Place =
  | { driver: 'redis', port: number, base?: string }
  | { driver: 'redis-cluster', port: number, base?: string }
  | { driver: 'sqlite', path: string }
  | { driver: 'postgresql' | 'mysql', port: number, table?: string }
  | { driver: 'fs-lite', base: string }

type Opened = StoreDriver & { dispose: () => unknown }

/** Opens a place, as every process does for itself. `dispose` closes it. */
export function createDriver(place: Place): Opened {
  switch (place.driver) {
    case 'fs-lite': return Object.assign(fsLite({ base: place.base }) as unknown as StoreDriver, { dispose: () => undefined })
    case 'sqlite': return createDatabaseDriver(sqlite({ path: place.path }))
    case 'postgresql': return createDatabaseDriver(postgresql({ host: HOST, port: place.port, user: 'test', database: 'postgres' }), place.table)
    case 'mysql': return createDatabaseDriver(mysql({ host: HOST, port: place.port, user: 'root', database: 'mysql' }), place.table)
    default: return createRedisDriver(place)
  }
}

/** A table of a database. `dispose` closes its connection. */
export function createDatabaseDriver(connector: Connector, tableName?: string): Opened {
  const database = createDatabase(connector)
  return Object.assign(db0({ database, tableName }) as unknown as StoreDriver, { dispose: () => database.dispose() })
}

function createRedisDriver({ driver: kind, port, base }: Extract<Place, { driver: 'redis' | 'redis-cluster' }>): Opened {
  const address = { host: HOST, port }
  const driver = redis(kind === 'redis' ? { ...address, base } : { cluster: [address], base }) as unknown as Opened
  const client = driver.getInstance!() as Redis
  client.on('error', () => undefined)
  return driver
}
