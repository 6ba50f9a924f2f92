import { join } from 'node:path'
import fc from 'fast-check'
import fsLite from 'unstorage/drivers/fs-lite'
import { afterAll, beforeAll, it, vi } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/environment'
import { runModel, steps } from '../unit/store/support/model'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'

vi.setConfig({ testTimeout: 120_000 })

const opened = new Opened()
let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
  opened.add(() => server.stop())
})
afterAll(() => opened.close())

const DRIVERS: Record<string, () => StoreDriver> = {
  Redis: () => opened.driver({ driver: 'redis', port: server.port }),
  SQLite: () => opened.driver({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
  files: () => fsLite({ base: opened.directory() }) as unknown as StoreDriver,
}

it.each(Object.entries(DRIVERS))('%s does what a plain map does', async (_name, createDriver) => {
  const driver = createDriver()
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
