import { createDatabase } from 'db0'
import sqlite from 'db0/connectors/node-sqlite'
import db0Driver from 'unstorage/drivers/db0'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { StoreUnderTest } from '../../src/testing'
import { removeEnded } from '../fixtures/docs/workers/server/utils/remove-ended'

const HOUR = 60 * 60 * 1000

let database: ReturnType<typeof createDatabase>
let subject: StoreUnderTest

beforeEach(() => {
  database = createDatabase(sqlite({ name: ':memory:' }))
  const driver = db0Driver({ database, tableName: 'sessions' }) as unknown as StoreDriver
  subject = new StoreUnderTest({ createDriver: () => driver })
})
afterEach(() => database.dispose())

// The store of the recipe is a whole mount, so its keys have no prefix.
const open = () => Object.assign(subject, { prefix: '' }).open()

async function keys(): Promise<string[]> {
  const { rows } = await database.sql`SELECT key FROM sessions ORDER BY key`
  return (rows as { key: string }[]).map(({ key }) => key)
}

/** Makes all rows older, as if nothing had written them since. */
const age = (by: string) => database.prepare('UPDATE sessions SET updated_at = datetime(\'now\', ?)').run(by)

it('deletes ended sessions, tombstones and the entries of a user, and keeps all that counts', async () => {
  const store = open()
  const now = Math.trunc(subject.now)
  const [alive, expired, ended, forgotten] = [1, 2, 3, 4].map(() => subject.handle()) as [string, string, string, string]
  await store.create(alive, subject.record({ userId: 'ada', expiresAt: now + 10 * HOUR }))
  await store.create(expired, subject.record({ userId: 'ada', expiresAt: now - 1 }))
  await store.create(ended, subject.record({ userId: 'bob' }))
  await store.destroy(ended, { reason: 'revoked', until: now + HOUR })
  await store.destroy(forgotten, { reason: 'revoked', until: now - 1 })
  await store.raiseEpoch('bob')
  const before = await keys()
  await age('-30 minutes')
  await removeEnded(database)
  expect(await keys()).toEqual(before.filter(key => key !== expired && key !== forgotten))
  await age('-2 hours')
  await removeEnded(database)
  expect(await keys()).toEqual(before.filter(key => !key.endsWith(expired) && key !== forgotten))
  expect(await store.count({ userId: 'ada' })).toBe(1)
  expect(await store.get(ended)).toEqual({ dead: 'revoked' })
  await age('-401 days')
  await removeEnded(database, now + 11 * HOUR)
  expect(await keys()).toEqual([expect.stringContaining('uepoch:')])
  await age('-403 days')
  await removeEnded(database, now + 11 * HOUR)
  expect(await keys()).toEqual([])
})
