import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp } from './support/app-over'
import { createDriver } from './support/driver'
import type { DriverOptions } from './support/driver'
import { Opened } from './support/opened'
import { bundleWorker, runProcess } from './support/process'
import { RedisCluster } from './support/redis-cluster'
import { RedisServer } from './support/redis-server'
import { SqlServer } from './support/sql-server'
import type { Logins } from './support/worker'

const PROCESSES = 4
const TIMES = 12
const LIMIT = 3

const opened = new Opened()
let directory: string
let worker: string

beforeAll(async () => {
  directory = opened.directory()
  worker = await bundleWorker(directory)
})
afterAll(() => opened.close())

const DRIVERS: Record<string, () => DriverOptions | Promise<DriverOptions>> = {
  'Redis': async () => ({ driver: 'redis', port: await opened.portOf(RedisServer.start()) }),
  'a Redis cluster': async () => {
    const cluster = await RedisCluster.start(3)
    opened.add(() => cluster.stop())
    return { driver: 'redis-cluster', port: cluster.port }
  },
  'SQLite': () => ({ driver: 'sqlite', path: join(directory, 'sessions.sqlite') }),
  'PostgreSQL': async () => ({ driver: 'postgresql-pool', port: await opened.portOf(SqlServer.postgresql()) }),
  'MariaDB': async () => ({ driver: 'mysql-pool', port: await opened.portOf(SqlServer.mariadb()) }),
}

it.each(Object.entries(DRIVERS))(`%s: of ${TIMES} logins in each of ${PROCESSES} processes at the same time, ${LIMIT} are alive`, { timeout: 60_000 }, async (_name, createOptions) => {
  const driver = await createOptions()
  const logins = await Promise.all(Array.from({ length: PROCESSES }, async (_process, at) => {
    const path = join(directory, `logins ${at}`)
    await runProcess(worker, { do: 'log in', driver, limit: LIMIT, times: TIMES, path })
    return JSON.parse(await readFile(path, 'utf8')) as Logins
  }))
  const reader = createDriver(driver)
  opened.add(() => reader.dispose())
  const app = createApp(reader, { maxUserSessions: LIMIT })
  const seen: { handle: string | undefined, userId: string | undefined }[] = []
  for (const cookie of logins.flatMap(({ cookies }) => cookies)) {
    const { result } = await app.browser().visit(async ({ use }) => {
      const { id, userId } = await use()
      return { handle: id && createHash('sha256').update(id).digest('hex'), userId }
    }, { cookie })
    seen.push(result)
  }
  const alive = seen.filter(({ userId }) => userId === 'ada').map(({ handle }) => handle)
  expect([seen.length, alive.length]).toEqual([PROCESSES * TIMES, LIMIT])
  expect(new Set(app.env.reasons)).toEqual(new Set(['revoked']))
  const { entries } = await app.env.storeOf(app.resolve()).list({ userId: 'ada' })
  expect(entries.map(({ key }) => key).sort()).toEqual(alive.sort())
  // Each session that ended was told once.
  const ended = logins.flatMap(login => login.ended)
  expect([ended.length, new Set(ended).size]).toEqual([PROCESSES * TIMES - LIMIT, PROCESSES * TIMES - LIMIT])
})
