import type { StoreConformanceCase } from '../store-conformance'
import { assertAlive, assertSame, recordOf } from './assertions'

const HOUR = 60 * 60 * 1000

export const destructionCases: StoreConformanceCase[] = [
  {
    name: 'an ended session is dead, for the reason it was ended first',
    async run(place) {
      const handle = await place.given()
      assertSame(await place.store.destroy(handle, { reason: 'superseded', until: place.now + HOUR }), 'destroyed', 'the first')
      assertSame(await place.store.destroy(handle, { reason: 'revoked', until: place.now + HOUR }), 'dead', 'the second')
      assertSame(await place.open().get(handle), { dead: 'superseded' }, 'what is found')
    },
  },
  {
    name: 'a handle can be made dead before anything lies there',
    async run(place) {
      const handle = place.handle()
      assertSame(await place.store.destroy(handle, { reason: 'revoked', until: place.now + HOUR }), 'destroyed', 'the first')
      assertSame(await place.store.get(handle), { dead: 'revoked' }, 'what is found')
    },
  },
  {
    name: 'ending a known state leaves a changed one as it is',
    async run(place) {
      const handle = await place.given({ data: { count: 1 } })
      const known = assertAlive(await place.store.get(handle))
      await place.store.update(handle, record => ({ ...record, data: { count: 2 } }))
      assertSame(await place.store.destroy(handle, { reason: 'superseded', until: place.now + HOUR, known }), 'changed', 'the outcome')
      const now = assertAlive(await place.store.get(handle))
      assertSame(now.record.data, { count: 2 }, 'the data')
      assertSame(await place.store.destroy(handle, { reason: 'superseded', until: place.now + HOUR, known: now }), 'destroyed', 'the present state')
      assertSame(await place.store.destroy(place.handle(), { reason: 'superseded', until: place.now + HOUR, known: now }), 'changed', 'where nothing lies')
    },
  },
  {
    name: 'of several that end the same state one does',
    async run(place) {
      const handle = await place.given()
      const known = assertAlive(await place.store.get(handle))
      const others = place.store.atomicity === 'store' ? [place.open(), place.open()] : [place.store, place.store]
      const outcomes = await Promise.all([place.store, ...others].map(store =>
        store.destroy(handle, { reason: 'superseded', until: place.now + HOUR, known })))
      assertSame(outcomes.sort(), ['dead', 'dead', 'destroyed'], 'outcomes')
    },
  },
  {
    name: 'nothing that runs at the same time keeps a session alive',
    async run(place) {
      const handle = await place.given({ data: { count: 0 }, userId: 'ada' })
      const other = place.open()
      const known = assertAlive(await other.get(handle))
      await Promise.all([
        other.update(handle, async record => ({ ...record, data: { count: 1 } }), known),
        other.touch(handle, { lastSeenAt: known.record.lastSeenAt + 1, expiresAt: known.record.expiresAt + 1 }, known),
        place.store.destroy(handle, { reason: 'revoked', until: place.now + HOUR }),
        other.update(handle, record => ({ ...record, data: { count: 2 } })),
        other.get(handle),
      ])
      assertSame(await other.get(handle), { dead: 'revoked' }, 'what is found')
      assertSame((await place.store.list({ userId: 'ada' })).entries, [], 'the list')
    },
  },
  {
    name: 'sweeping removes nothing that has not ended',
    async run(place) {
      const alive = await place.given({ userId: 'ada' })
      const dead = await place.given()
      await place.store.destroy(dead, { reason: 'revoked', until: place.now + HOUR })
      for (let round = 0; round < 5; round++) await place.store.sweep(100)
      recordOf(await place.store.get(alive))
      assertSame(await place.store.get(dead), { dead: 'revoked' }, 'the dead one')
      assertSame(await place.store.count({ userId: 'ada' }), 1, 'the user\'s sessions')
    },
  },
]
