import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { Opened } from './support/opened'
import { createDriver } from './support/driver'
import type { DriverOptions } from './support/driver'
import { nodeEnvironment } from './support/node-environment'
import { bundleWorker, runProcess } from './support/process'
import { RedisServer } from './support/redis-server'
import { SqlServer } from './support/sql-server'
import { SCENARIOS } from './support/scenarios'
import type { ScenarioName } from './support/scenarios'

const opened = new Opened()
let ports: Record<'redis' | 'postgresql' | 'mysql', number>
let worker: string

beforeAll(async () => {
  worker = await bundleWorker(opened.directory())
  ports = {
    redis: await opened.portOf(RedisServer.start()),
    postgresql: await opened.portOf(SqlServer.postgresql()),
    mysql: await opened.portOf(SqlServer.mariadb()),
  }
})
afterAll(() => opened.close())

const newName = () => `s${Math.random().toString(36).slice(2)}`
const DRIVERS: Record<string, () => DriverOptions> = {
  Redis: () => ({ driver: 'redis', port: ports.redis, base: newName() }),
  PostgreSQL: () => ({ driver: 'postgresql', port: ports.postgresql, table: newName() }),
  MariaDB: () => ({ driver: 'mysql', port: ports.mysql, table: newName() }),
  SQLite: () => ({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
  files: () => ({ driver: 'fs-lite', base: opened.directory() }),
}

/** The allowed states of the first and the second session. */
const STATES: Record<ScenarioName, string[]> = {
  create: ['nothing, nothing', 'new, nothing'],
  update: ['old, nothing', 'new, nothing'],
  bind: ['old, nothing', 'new, nothing'],
  touch: ['old, nothing'],
  destroy: ['old, nothing', 'revoked, nothing'],
  // A new session whose id no client has does not matter.
  regenerate: ['old, nothing', 'old, new', 'superseded, new'],
  raise: ['old, old', 'revoked, revoked'],
}

describe.each(Object.entries(DRIVERS))('%s: a process that is killed before any of its calls', (_name, createOptions) => {
  it.concurrent.each(Object.keys(SCENARIOS) as ScenarioName[])('of %s leaves the old state or the new one, with consistent lists', async (scenario) => {
    const seen = new Set<string>()
    for (let calls = 1; ; calls++) {
      const options = createOptions()
      const driver = createDriver(options)
      const store = createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 })
      const handles = [1, 2].map(() => nodeEnvironment.hash(Math.random().toString()))
      await SCENARIOS[scenario].prepare(store, handles)
      const signal = await runProcess(worker, { do: 'die', driver: options, scenario, handles, calls })
      const state = (await Promise.all(handles.map(handle => stateOf(store, handle)))).join(', ')
      seen.add(state)
      expect(STATES[scenario]).toContain(state)
      await expectListsToAgree(store, handles)
      await driver.dispose()
      if (signal === undefined) break
    }
    expect([...seen].sort()).toEqual(STATES[scenario].toSorted())
  })
})

async function stateOf(store: SessionStore, handle: string): Promise<string> {
  const found = await store.get(handle)
  if (found === undefined) return 'nothing'
  if ('dead' in found) return found.dead
  return 'record' in found ? found.record.data.state as string : 'malformed'
}

async function expectListsToAgree(store: SessionStore, handles: string[]): Promise<void> {
  const owners = await Promise.all(handles.map(async (handle) => {
    const found = await store.get(handle)
    return found && 'record' in found ? found.record.userId : undefined
  }))
  for (const userId of ['ada', 'bob']) {
    const expected = handles.filter((_handle, at) => owners[at] === userId)
    expect((await store.list({ userId })).entries.map(entry => entry.key).sort()).toEqual(expected.sort())
  }
  expect((await store.list({})).entries).toHaveLength(owners.filter(owner => owner !== undefined).length)
}
