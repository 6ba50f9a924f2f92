import type { StoreConformanceCase } from './store-under-test'
import { assertAlive, assertSame, recordOf } from './assertions'

const HOUR = 60 * 60 * 1000

export const destructionCases: StoreConformanceCase[] = [
  {
    name: 'a destroyed session has a tombstone with its first reason',
    async run(subject) {
      const handle = await subject.given()
      assertSame(await subject.store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR }), 'destroyed', 'the first')
      assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + HOUR }), 'dead', 'the second')
      assertSame(await subject.open().get(handle), { dead: 'superseded' }, 'what is found')
    },
  },
  {
    name: 'a handle without a record can get a tombstone',
    async run(subject) {
      const handle = subject.handle()
      assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + HOUR }), 'destroyed', 'the first')
      assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'what is found')
    },
  },
  {
    name: 'destroying a known state does not destroy a changed one',
    async run(subject) {
      const handle = await subject.given({ data: { count: 1 } })
      const known = assertAlive(await subject.store.get(handle))
      await subject.store.update(handle, record => ({ ...record, data: { count: 2 } }))
      assertSame(await subject.store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR, known }), 'changed', 'the outcome')
      const now = assertAlive(await subject.store.get(handle))
      assertSame(now.record.data, { count: 2 }, 'the data')
      assertSame(await subject.store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR, known: now }), 'destroyed', 'the current state')
      assertSame(await subject.store.destroy(subject.handle(), { reason: 'superseded', until: subject.now + HOUR, known: now }), 'changed', 'a handle without a record')
    },
  },
  {
    name: 'of several calls that destroy the same state, one succeeds',
    async run(subject) {
      const handle = await subject.given()
      const known = assertAlive(await subject.store.get(handle))
      const others = subject.store.atomicity === 'store' ? [subject.open(), subject.open()] : [subject.store, subject.store]
      const outcomes = await Promise.all([subject.store, ...others].map(store =>
        store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR, known })))
      assertSame(outcomes.sort(), ['dead', 'dead', 'destroyed'], 'outcomes')
    },
  },
  {
    name: 'no parallel call keeps a destroyed session alive',
    async run(subject) {
      const handle = await subject.given({ data: { count: 0 }, userId: 'ada' })
      const other = subject.open()
      const known = assertAlive(await other.get(handle))
      await Promise.all([
        other.update(handle, async record => ({ ...record, data: { count: 1 } }), known),
        other.touch(handle, { lastSeenAt: known.record.lastSeenAt + 1, expiresAt: known.record.expiresAt + 1 }, known),
        subject.store.destroy(handle, { reason: 'revoked', until: subject.now + HOUR }),
        other.update(handle, record => ({ ...record, data: { count: 2 } })),
        other.get(handle),
      ])
      assertSame(await other.get(handle), { dead: 'revoked' }, 'what is found')
      assertSame((await subject.store.list({ userId: 'ada' })).entries, [], 'the list')
    },
  },
  {
    name: 'a sweep removes only what has expired',
    async run(subject) {
      const alive = await subject.given({ userId: 'ada' })
      const ended = await subject.given()
      await subject.store.destroy(ended, { reason: 'revoked', until: subject.now + HOUR })
      for (let round = 0; round < 5; round++) await subject.store.sweep(100)
      recordOf(await subject.store.get(alive))
      assertSame(await subject.store.get(ended), { dead: 'revoked' }, 'the tombstone')
      assertSame(await subject.store.count({ userId: 'ada' }), 1, 'the user\'s sessions')
    },
  },
]
