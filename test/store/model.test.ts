import { join } from 'node:path'
import fc from 'fast-check'
import fsLite from 'unstorage/drivers/fs-lite'
import { afterAll, it, vi } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { runModel, steps } from '../unit/store/support/model'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { SqlServer } from './support/sql-server'

vi.setConfig({ testTimeout: 120_000 })

const opened = new Opened()
afterAll(() => opened.close())

const DRIVERS: Record<string, () => StoreDriver | Promise<StoreDriver>> = {
  Redis: async () => opened.driver({ driver: 'redis', port: await opened.portOf(RedisServer.start()) }),
  SQLite: () => opened.driver({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
  PostgreSQL: async () => opened.driver({ driver: 'postgresql', port: await opened.portOf(SqlServer.postgresql()) }),
  MariaDB: async () => opened.driver({ driver: 'mysql', port: await opened.portOf(SqlServer.mariadb()) }),
  files: () => fsLite({ base: opened.directory() }) as unknown as StoreDriver,
}

it.each(Object.entries(DRIVERS))('%s does what a plain map does', async (_name, createDriver) => {
  const driver = await createDriver()
  let runs = 0
  await fc.assert(fc.asyncProperty(steps, async (all) => {
    const prefix = `run${++runs}`
    let offset = 0
    let handles = 0
    const now = () => Date.now() + offset
    const store = createSessionStore({ driver, prefix }, { ...nodeEnvironment, now }, { timeout: 20_000 })
    await runModel({ store, now, advance: (ms) => { offset += ms }, newHandle: () => nodeEnvironment.hash(`${prefix} ${++handles}`) }, all)
  }), { numRuns: 60 })
})
