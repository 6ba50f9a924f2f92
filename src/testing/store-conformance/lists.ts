import type { ListFilter, SessionStore } from '../../runtime/core/store/store'
import type { StoreConformanceCase } from '../store-conformance'
import { assertSame, assertTrue } from './assertions'

const HOUR = 60 * 60 * 1000

export const listCases: StoreConformanceCase[] = [
  {
    name: 'the pages of a list show every session once',
    async run(place) {
      const expiresAt = Math.trunc(place.now) + HOUR
      const ada: string[] = []
      const all: string[] = []
      for (let index = 0; index < 15; index++) {
        // Some end at the same time, some do not.
        const handle = await place.given({ expiresAt: expiresAt + index % 4, ...index % 3 ? {} : { userId: 'ada' } })
        all.push(handle)
        if (index % 3 === 0) ada.push(handle)
      }
      for (const limit of [1, 2, 4, 100]) {
        assertSame(await keysOf(place.store, { userId: 'ada', limit }), ada.sort(), `the user's by ${limit}`)
        assertSame(await keysOf(place.store, { limit }), all.sort(), `all by ${limit}`)
      }
      assertSame([await place.store.count({ userId: 'ada' }), await place.store.count({})], [ada.length, all.length], 'numbers')
      assertSame(await keysOf(place.store, { userId: 'nobody' }), [], 'nobody\'s')
    },
  },
  {
    name: 'a list shows the records',
    async run(place) {
      const record = place.record({ userId: 'ada', data: { theme: 'dark' }, userAgent: 'Mozilla' })
      const handle = place.handle()
      await place.store.create(handle, record)
      assertSame(await place.store.list({ userId: 'ada' }), { entries: [{ key: handle, record }], cursor: undefined }, 'the user\'s')
      assertSame(await place.store.list({}), { entries: [{ key: handle, record }], cursor: undefined }, 'all')
    },
  },
  {
    name: 'a list shows nothing that has ended',
    async run(place) {
      const alive = await place.given({ userId: 'ada' })
      const ended = await place.given({ userId: 'ada' })
      await place.given({ userId: 'ada', expiresAt: Math.trunc(place.now) + HOUR / 4 })
      const other = await place.given({ expiresAt: Math.trunc(place.now) + HOUR / 2 })
      await place.store.destroy(ended, { reason: 'revoked', until: place.now + HOUR })
      place.advance(HOUR / 4)
      assertSame(await keysOf(place.store, { userId: 'ada' }), [alive], 'the user\'s')
      assertSame(await place.store.count({ userId: 'ada' }), 1, 'the user\'s number')
      assertSame(await keysOf(place.store, {}), [alive, other].sort(), 'all')
    },
  },
  {
    name: 'a session that is used stays in the lists after the end it had at first',
    async run(place) {
      const expiresAt = Math.trunc(place.now) + HOUR
      const touched = await place.given({ userId: 'ada', expiresAt })
      const updated = await place.given({ userId: 'ada', expiresAt })
      const lastSeenAt = Math.trunc(place.now) + 1
      await place.store.touch(touched, { lastSeenAt, expiresAt: expiresAt + HOUR })
      await place.store.update(updated, record => ({ ...record, lastSeenAt, expiresAt: expiresAt + HOUR }))
      place.advance(HOUR + HOUR / 2)
      for (let round = 0; round < 5; round++) await place.store.sweep(100)
      assertSame(await keysOf(place.store, { userId: 'ada' }), [touched, updated].sort(), 'the user\'s')
      assertSame(await keysOf(place.store, {}), [touched, updated].sort(), 'all')
      assertSame(await place.store.count({}), 2, 'the number')
    },
  },
  {
    name: 'a list stays whole where a page\'s last session ends before the next page',
    async run(place) {
      const handles = await Promise.all(Array.from({ length: 9 }, () => place.given({ userId: 'ada' })))
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await place.store.list({ userId: 'ada', limit: 2, cursor })
        seen.push(...page.entries.map(entry => entry.key))
        const last = page.entries.at(-1)
        if (last) await place.store.destroy(last.key, { reason: 'revoked', until: place.now + HOUR })
        cursor = page.cursor
      } while (cursor !== undefined)
      assertSame(seen.sort(), handles.sort(), 'the sessions')
    },
  },
  {
    name: 'a limit or cursor from anywhere harms nothing',
    async run(place) {
      await place.given({ userId: 'ada' })
      for (const cursor of ['', '0', 'zzz', '%', '\'; --', '../..', '9'.repeat(30), '1-2']) {
        for (const filter of [{ userId: 'ada', cursor }, { cursor }]) {
          assertTrue((await place.store.list(filter)).entries.length <= 1, `the cursor ${cursor}`)
        }
      }
      for (const limit of [0, -1, NaN, Infinity, 0.5, 1e9]) {
        assertTrue((await place.store.list({ userId: 'ada', limit })).entries.length === 1, `the limit ${limit}`)
      }
    },
  },
]

async function keysOf(store: SessionStore, filter: ListFilter): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list({ ...filter, cursor })
    assertTrue(page.entries.length <= (filter.limit ?? 100), 'a page is no longer than asked for')
    keys.push(...page.entries.map(entry => entry.key))
    cursor = page.cursor
  } while (cursor !== undefined)
  return keys.sort()
}
