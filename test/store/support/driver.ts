import { createDatabase } from 'db0'
import type { Connector } from 'db0'
import mysql from 'db0/connectors/mysql2'
import sqlite from 'db0/connectors/node-sqlite'
import postgresql from 'db0/connectors/postgresql'
import type { Redis } from 'ioredis'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import db0 from 'unstorage/drivers/db0'
import fsLite from 'unstorage/drivers/fs-lite'
import redis from 'unstorage/drivers/redis'
import type { RedisOptions } from 'unstorage/drivers/redis'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import { mysqlPool, postgresqlPool } from '../../../src/runtime/db0'

const HOST = '127.0.0.1'

/** A driver's name and options, which can be sent to another process. */
export type DriverOptions =
  | { driver: 'redis', port: number, base?: string }
  | { driver: 'redis-cluster', port: number, base?: string }
  | { driver: 'redis-sentinel', port: number, failoverDetector?: boolean, base?: string }
  | { driver: 'sqlite', path: string }
  | { driver: 'postgresql' | 'mysql', port: number, table?: string }
  | PoolOptions
  | { driver: 'fs-lite', base: string }

interface PoolOptions { driver: 'postgresql-pool' | 'mysql-pool', port: number, table?: string, connections?: number, timeout?: number }

type Opened = StoreDriver & { dispose: () => unknown }

/** Creates a driver. `dispose` closes its connection. */
export function createDriver(options: DriverOptions): Opened {
  switch (options.driver) {
    case 'fs-lite': return Object.assign(fsLite({ base: options.base }) as unknown as StoreDriver, { dispose: () => undefined })
    case 'sqlite': return createDatabaseDriver(sqlite({ path: options.path }))
    case 'postgresql': return createDatabaseDriver(postgresql({ host: HOST, port: options.port, user: 'test', database: 'postgres' }), options.table)
    case 'mysql': return createDatabaseDriver(mysql({ host: HOST, port: options.port, user: 'root', database: 'mysql' }), options.table)
    case 'postgresql-pool': return createDatabaseDriver(postgresqlPool(createPostgresqlPool(options), options), options.table)
    case 'mysql-pool': return createDatabaseDriver(mysqlPool(createMysqlPool(options), options), options.table)
    default: return createRedisDriver(options)
  }
}

export function createPostgresqlPool({ port, connections = 10, timeout = 2000 }: Omit<PoolOptions, 'driver'>): Pool {
  return new Pool({ host: HOST, port, user: 'test', database: 'postgres', max: connections, connectionTimeoutMillis: timeout, statement_timeout: timeout })
}

export function createMysqlPool({ port, connections = 10, timeout = 2000 }: Omit<PoolOptions, 'driver'>) {
  return createPool({ host: HOST, port, user: 'root', database: 'mysql', connectionLimit: connections, connectTimeout: timeout })
}

/** A table of a database. `dispose` closes its connection. */
export function createDatabaseDriver(connector: Connector, tableName?: string): Opened {
  const database = createDatabase(connector)
  return Object.assign(db0({ database, tableName }) as unknown as StoreDriver, { dispose: () => database.dispose() })
}

function createRedisDriver({ base, ...options }: Extract<DriverOptions, { driver: `redis${string}` }>): Opened {
  const driver = redis({ ...connectionOf(options), base }) as unknown as Opened
  const client = driver.getInstance!() as Redis
  client.on('error', () => undefined)
  return driver
}

function connectionOf(options: Extract<DriverOptions, { driver: `redis${string}` }>): RedisOptions {
  const address = { host: HOST, port: options.port }
  switch (options.driver) {
    case 'redis': return address
    case 'redis-cluster': return { cluster: [address] }
    case 'redis-sentinel': return { sentinels: [address], name: 'sessions', failoverDetector: options.failoverDetector }
  }
}
