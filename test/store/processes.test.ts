import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import { Opened } from './support/opened'
import { createDriver } from './support/place'
import type { Place } from './support/place'
import { nodeEnvironment } from './support/node-environment'
import { bundleWorker, runProcess } from './support/process'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const opened = new Opened()
let server: RedisServer
let worker: string

beforeAll(async () => {
  worker = await bundleWorker(opened.directory())
  server = await RedisServer.start()
  opened.add(() => server.stop())
})
afterAll(() => opened.close())

const PLACES: Record<string, () => Place> = {
  Redis: () => ({ driver: 'redis', port: server.port }),
  SQLite: () => ({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
}

it.each(Object.entries(PLACES))('%s: 4 processes count to 100 each in one session, and it says 400', async (_name, place) => {
  const where = place()
  const driver = createDriver(where)
  opened.add(() => driver.dispose())
  const store = createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 })
  const handle = nodeEnvironment.hash(Math.random().toString())
  await store.create(handle, recordAt(Date.now(), { data: { count: 0 } }))
  await Promise.all(Array.from({ length: 4 }, () => runProcess(worker, { do: 'increment', place: where, handle, times: 100 })))
  expect(await store.get(handle)).toHaveProperty('record.data', { count: 400 })
})
