import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import { Opened } from './support/opened'
import { createDriver } from './support/driver'
import type { DriverOptions } from './support/driver'
import { nodeEnvironment } from './support/node-environment'
import { bundleWorker, runProcess } from './support/process'
import { RedisServer } from './support/redis-server'
import { SqlServer } from './support/sql-server'
import { recordAt } from './support/scenarios'

const opened = new Opened()
let worker: string

beforeAll(async () => { worker = await bundleWorker(opened.directory()) })
afterAll(() => opened.close())

const DRIVERS: Record<string, () => DriverOptions | Promise<DriverOptions>> = {
  Redis: async () => ({ driver: 'redis', port: await opened.portOf(RedisServer.start()) }),
  SQLite: () => ({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
  PostgreSQL: async () => ({ driver: 'postgresql-pool', port: await opened.portOf(SqlServer.postgresql()) }),
  MariaDB: async () => ({ driver: 'mysql-pool', port: await opened.portOf(SqlServer.mariadb()) }),
}

it.each(Object.entries(DRIVERS))('%s: 4 processes increment one session 100 times each, and it has 400', async (_name, createOptions) => {
  const options = await createOptions()
  const driver = createDriver(options)
  opened.add(() => driver.dispose())
  const store = createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 })
  const handle = nodeEnvironment.hash(Math.random().toString())
  await store.create(handle, recordAt(Date.now(), { data: { count: 0 } }))
  await Promise.all(Array.from({ length: 4 }, () => runProcess(worker, { do: 'increment', driver: options, handle, times: 100 })))
  expect(await store.get(handle)).toHaveProperty('record.data', { count: 400 })
})

it('PostgreSQL: 8 connections create the table at the same time', async () => {
  const port = await opened.portOf(SqlServer.postgresql())
  for (let round = 0; round < 10; round++) {
    const drivers = Array.from({ length: 8 }, () => opened.driver({ driver: 'postgresql', port, table: `sessions${round}` }))
    await Promise.all(drivers.map((driver, at) =>
      createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 }).create(nodeEnvironment.hash(`${at}`), recordAt(Date.now(), {}))))
  }
})
