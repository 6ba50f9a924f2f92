import { afterAll, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { Sweeper } from '../../src/runtime/server/sweep'
import { until } from '../support/until'
import type { DriverOptions } from './support/driver'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { recordAt } from './support/scenarios'
import { SqlServer } from './support/sql-server'

// ENDED=100000 LOGIN_SECONDS=180 take some minutes and print what they measured.
const ENDED = Number(process.env.ENDED ?? 500)
const LOGIN_SECONDS = Number(process.env.LOGIN_SECONDS ?? 0)
const LOGINS_PER_SECOND = 40
const LIFETIME_MS = 20_000
const BATCH = 100

const opened = new Opened()
afterAll(() => opened.close())

const DRIVERS: Record<string, () => Promise<DriverOptions>> = {
  files: () => Promise.resolve({ driver: 'fs-lite', base: opened.directory() }),
  PostgreSQL: async () => ({ driver: 'postgresql', port: await opened.portOf(SqlServer.postgresql()) }),
}

describe.each(Object.entries(DRIVERS))('%s', (name, createOptions) => {
  it(`${ENDED} sessions that have ended are removed without a request`, { timeout: 30 * 60_000 }, async () => {
    let now = Date.now()
    const driver = opened.driver(await createOptions())
    const store = createSessionStore({ driver }, { ...nodeEnvironment, now: () => now }, { timeout: 2000 })
    for (let from = 0; from < ENDED; from += BATCH) {
      const places = Array.from({ length: BATCH }, (_item, at) => from + at)
      await Promise.all(places.map(at => store.create(newHandle(), recordAt(now, { userId: `user ${at % 100}` }))))
    }
    now += 2 * 60 * 60 * 1000
    const swept = { removed: 0 }
    const [start, sweeper, times] = [performance.now(), startSweeper(store, swept), [] as number[]]
    await until(async () => {
      times.push(await timeOf(() => store.get(newHandle())))
      return swept.removed >= ENDED
    }, undefined, 30 * 60_000)
    sweeper.stop()
    if (process.env.ENDED) console.info(`${name}: ${ENDED} removed in ${seconds(performance.now() - start)} s; a read took ${quantiles(times)} meanwhile`)
    expect(await driver.getKeys('', {})).toEqual([])
  })
})

it.skipIf(LOGIN_SECONDS === 0)(`PostgreSQL with ${LOGINS_PER_SECOND} logins a second`, { timeout: (LOGIN_SECONDS + 120) * 1000 }, async () => {
  const driver = opened.driver(await DRIVERS.PostgreSQL!())
  const store = createSessionStore({ driver }, nodeEnvironment, { timeout: 2000 })
  const database = driver.getInstance!() as { prepare: (sql: string) => { all: () => Promise<{ n: string }[]> } }
  const rows = async () => Number((await database.prepare('SELECT COUNT(*) AS n FROM unstorage').all())[0]?.n ?? 0)
  await store.create(newHandle(), recordAt(Date.now()))
  const sweeper = process.env.NO_SWEEP ? undefined : startSweeper(store)
  const [start, counts, times] = [performance.now(), [] as string[], [] as number[]]
  const logins: Promise<unknown>[] = []
  while (performance.now() - start < LOGIN_SECONDS * 1000) {
    const due = Math.floor((performance.now() - start) / 1000 * LOGINS_PER_SECOND)
    while (logins.length < due) logins.push(login(store))
    times.push(await timeOf(() => store.get(newHandle())))
    if (performance.now() - start > counts.length * 10_000) counts.push(`${counts.length * 10} s: ${await rows()}`)
    await new Promise(resolve => void setTimeout(resolve, 10))
  }
  await Promise.all(logins)
  sweeper?.stop()
  console.info(`rows: ${counts.join(', ')}\na read took ${quantiles(times)}`)
})

/** Two sessions, an entry of the user and a tombstone, which all end soon. */
async function login(store: SessionStore): Promise<void> {
  const [before, after, until] = [newHandle(), newHandle(), Date.now() + LIFETIME_MS]
  await store.create(before, recordAt(Date.now(), { expiresAt: until }))
  await store.create(after, recordAt(Date.now(), { expiresAt: until, userId: 'ada' }))
  await store.destroy(before, { reason: 'superseded', until })
}

function startSweeper(store: SessionStore, swept = { removed: 0 }): Sweeper {
  const counted = {
    async sweep(limit: number) {
      const batch = await store.sweep(limit)
      swept.removed += batch.removed
      return batch
    },
  }
  return new Sweeper({
    stores: () => [counted],
    now: () => performance.now(),
    startTimer: nodeEnvironment.startTimer,
    onError: () => { throw new Error('the sweep failed') },
  })
}

const newHandle = () => nodeEnvironment.hash(Math.random().toString())
const seconds = (ms: number) => (ms / 1000).toFixed(0)

async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

function quantiles(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  return [0.5, 0.99].map(part => `p${part * 100} ${sorted[Math.floor(sorted.length * part)]!.toFixed(1)} ms`).join(', ')
}
