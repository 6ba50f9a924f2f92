import assert from 'node:assert/strict'
import type { ListFilter, SessionStore } from '../../runtime/core/store/store'
import type { ConformanceCases } from './store-under-test'
import { assertSame } from './assertions'

const HOUR = 60 * 60 * 1000

export const listCases: ConformanceCases = {
  async 'the pages of a list contain every session once'(subject) {
    const expiresAt = Math.trunc(subject.now) + HOUR
    const ada: string[] = []
    const all: string[] = []
    for (let index = 0; index < 15; index++) {
      // Some expire at the same time.
      const handle = await subject.given({ expiresAt: expiresAt + index % 4, ...index % 3 ? {} : { userId: 'ada' } })
      all.push(handle)
      if (index % 3 === 0) ada.push(handle)
    }
    for (const limit of [1, 2, 4, 100]) {
      assertSame(await keysOf(subject.store, { userId: 'ada', limit }), ada.sort(), `the user's by ${limit}`)
      assertSame(await keysOf(subject.store, { limit }), all.sort(), `all by ${limit}`)
    }
    assertSame([await subject.store.count({ userId: 'ada' }), await subject.store.count({})], [ada.length, all.length], 'the counts')
    assertSame(await keysOf(subject.store, { userId: 'nobody' }), [], 'those of a user without sessions')
  },
  async 'a list contains the records'(subject) {
    const record = subject.record({ userId: 'ada', epoch: 0, data: { theme: 'dark' }, userAgent: 'Mozilla' })
    const handle = subject.handle()
    await subject.store.create(handle, record)
    assertSame(await subject.store.list({ userId: 'ada' }), { entries: [{ key: handle, record }], cursor: undefined }, 'the user\'s')
    assertSame(await subject.store.list({}), { entries: [{ key: handle, record }], cursor: undefined }, 'all')
  },
  async 'a list contains nothing that has ended'(subject) {
    const alive = await subject.given({ userId: 'ada' })
    const ended = await subject.given({ userId: 'ada' })
    await subject.given({ userId: 'ada', expiresAt: Math.trunc(subject.now) + HOUR / 4 })
    const other = await subject.given({ expiresAt: Math.trunc(subject.now) + HOUR / 2 })
    await subject.store.destroy(ended, { reason: 'revoked', until: subject.now + HOUR })
    subject.advance(HOUR / 4)
    assertSame(await keysOf(subject.store, { userId: 'ada' }), [alive], 'the user\'s')
    assertSame(await subject.store.count({ userId: 'ada' }), 1, 'the count of the user\'s')
    assertSame(await keysOf(subject.store, {}), [alive, other].sort(), 'all')
  },
  async 'a renewed or updated session stays in the lists after its first expiry'(subject) {
    const expiresAt = Math.trunc(subject.now) + HOUR
    const renewed = await subject.given({ userId: 'ada', expiresAt })
    const updated = await subject.given({ userId: 'ada', expiresAt })
    const lastSeenAt = Math.trunc(subject.now) + 1
    await subject.store.touch(renewed, { lastSeenAt, expiresAt: expiresAt + HOUR })
    await subject.store.update(updated, record => ({ ...record, lastSeenAt, expiresAt: expiresAt + HOUR }))
    subject.advance(HOUR + HOUR / 2)
    for (let round = 0; round < 5; round++) await subject.store.sweep(100)
    assertSame(await keysOf(subject.store, { userId: 'ada' }), [renewed, updated].sort(), 'the user\'s')
    assertSame(await keysOf(subject.store, {}), [renewed, updated].sort(), 'all')
    assertSame(await subject.store.count({}), 2, 'the count')
  },
  async 'a list stays complete if the last session of a page ends before the next page'(subject) {
    const handles = await Promise.all(Array.from({ length: 9 }, () => subject.given({ userId: 'ada' })))
    const seen: string[] = []
    for await (const entries of pagesOf(subject.store, { userId: 'ada', limit: 2 })) {
      seen.push(...entries.map(entry => entry.key))
      const last = entries.at(-1)
      if (last) await subject.store.destroy(last.key, { reason: 'revoked', until: subject.now + HOUR })
    }
    assertSame(seen.sort(), handles.sort(), 'the sessions')
  },
  async 'an invalid limit or cursor is harmless'(subject) {
    await subject.given({ userId: 'ada' })
    for (const cursor of ['', '0', 'zzz', '%', '\'; --', '../..', '9'.repeat(30), '1-2']) {
      for (const filter of [{ userId: 'ada', cursor }, { cursor }]) {
        assert((await subject.store.list(filter)).entries.length <= 1, `the cursor ${cursor}`)
      }
    }
    for (const limit of [0, -1, NaN, Infinity, 0.5, 1e9]) {
      assert((await subject.store.list({ userId: 'ada', limit })).entries.length === 1, `the limit ${limit}`)
    }
  },
}

async function keysOf(store: SessionStore, filter: ListFilter): Promise<string[]> {
  const keys: string[] = []
  for await (const entries of pagesOf(store, filter)) keys.push(...entries.map(entry => entry.key))
  return keys.sort()
}

async function* pagesOf(store: SessionStore, filter: ListFilter) {
  let cursor: string | undefined
  do {
    const page = await store.list({ ...filter, cursor })
    assert(page.entries.length <= (filter.limit ?? 100), 'a page is longer than its limit')
    yield page.entries
    cursor = page.cursor
  } while (cursor !== undefined)
}
