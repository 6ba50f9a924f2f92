import { join } from 'node:path'
import libsql from 'db0/connectors/libsql/node'
import fs from 'unstorage/drivers/fs'
import fsLite from 'unstorage/drivers/fs-lite'
import lruCache from 'unstorage/drivers/lru-cache'
import memory from 'unstorage/drivers/memory'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { StoreUnderTest, storeConformance } from '../../src/testing'
import type { StoreConformanceOptions } from '../../src/testing'
import { DelayedStorage } from '../unit/store/support/delayed-storage'
import { Opened } from './support/opened'
import { nodeFiles } from './support/node-environment'
import { createDatabaseDriver } from './support/driver'
import { RedisCluster } from './support/redis-cluster'
import { RedisServer } from './support/redis-server'
import { SqlServer } from './support/sql-server'

vi.setConfig({ testTimeout: 15_000, hookTimeout: 60_000 })

const opened = new Opened()
afterAll(() => opened.close())

describe('the memory driver', () => conforms(() => shared(memory() as unknown as StoreDriver)))

describe('the lru-cache driver', () => conforms(() => shared(lruCache({ max: 100_000 }) as unknown as StoreDriver)))

describe('the fs driver', () => conforms(() => {
  const base = opened.directory()
  return { createDriver: () => fs({ base }) as unknown as StoreDriver, files: nodeFiles }
}))

describe('the fs-lite driver', () => conforms(() => {
  const base = opened.directory()
  return { createDriver: () => fsLite({ base }) as unknown as StoreDriver, files: nodeFiles }
}))

describe('the fs-lite driver without our file functions', () => conforms(() => {
  const base = opened.directory()
  return { createDriver: () => fsLite({ base }) as unknown as StoreDriver }
}))

describe('a driver that returns parsed values, with slashes in its keys', () => conforms(() => {
  const items = new Map<string, unknown>()
  return shared({
    name: 'parsing',
    getItem: key => Promise.resolve(items.get(key) ?? null),
    setItem: (key, value) => { items.set(key, parsed(value)) },
    removeItem: key => void items.delete(key),
    getKeys: () => [...items.keys()].map(key => key.replaceAll(':', '/')),
  })
}))

describe('a driver that serves the writes of other locations late', () =>
  conforms(() => shared(new DelayedStorage(60_000, Date.now).location())))

describe('the db0 driver with SQLite', () => conforms(() => {
  const path = join(opened.directory(), 'sessions.sqlite')
  return { createDriver: () => opened.driver({ driver: 'sqlite', path }) }
}))

describe('the db0 driver with libSQL', () => conforms(() => {
  const path = join(opened.directory(), 'sessions.sqlite')
  return {
    createDriver: () => {
      const driver = createDatabaseDriver(libsql({ url: `file:${path}` }))
      opened.add(() => driver.dispose())
      return driver
    },
  }
}))

describe.each([
  ['PostgreSQL', 'postgresql', SqlServer.postgresql], ['MariaDB', 'mysql', SqlServer.mariadb],
] as const)('the db0 driver with %s', (_name, driver, start) => {
  let port: number
  beforeAll(async () => { port = await opened.portOf(start()) })
  conforms(() => ({ createDriver: () => opened.driver({ driver, port }) }))
})

describe.each([
  ['PostgreSQL', 'postgresql-pool', SqlServer.postgresql], ['MariaDB', 'mysql-pool', SqlServer.mariadb],
] as const)('the db0 driver with a pool of connections to %s', (_name, driver, start) => {
  let port: number
  beforeAll(async () => { port = await opened.portOf(start()) })
  // Few, because the drivers of all cases together have more than the server allows.
  conforms(() => ({ createDriver: () => opened.driver({ driver, port, connections: 2 }) }))
})

describe('the redis driver', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await RedisServer.start()
    opened.add(() => server.stop())
  })
  conforms(() => ({ createDriver: () => opened.driver({ driver: 'redis', port: server.port, base: 'app:x' }) }))

  // Like unstorage 2.
  describe('that returns its connection in a promise', () => conforms(() => ({
    createDriver: () => {
      const driver = opened.driver({ driver: 'redis', port: server.port, base: 'later' })
      return { ...driver, getInstance: async () => driver.getInstance!() }
    },
  })))
})

describe('the redis driver with a cluster of three masters', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await RedisCluster.start(3)
    opened.add(() => cluster.stop())
  })
  conforms(() => ({ createDriver: () => opened.driver({ driver: 'redis-cluster', port: cluster.port, base: 'app' }) }))
})

// As behind a proxy that hides the nodes.
describe('the redis driver with a cluster of which it does not know', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await RedisCluster.start(1)
    opened.add(() => cluster.stop())
  })
  conforms(() => ({ createDriver: () => opened.driver({ driver: 'redis', port: cluster.port, base: 'app' }) }))
})

function conforms(createOptions: () => StoreConformanceOptions): void {
  let options: StoreConformanceOptions | undefined
  it.each(storeConformance.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => {
    options ??= createOptions()
    return run(new StoreUnderTest(options))
  })
}

/** Another process cannot open data in the memory of this one. */
function shared(driver: StoreDriver): StoreConformanceOptions {
  return { createDriver: () => driver }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch {
    return text
  }
}
