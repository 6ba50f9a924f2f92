import type { SessionRecord, SessionStore } from '../../runtime/core/store/store'
import type { StoreConformanceCase } from '../store-conformance'
import { assertAlive, assertRejects, assertSame, assertTrue, recordOf } from './assertions'

export const updateCases: StoreConformanceCase[] = [
  {
    name: 'an update replaces the record',
    async run(place) {
      const handle = await place.given({ data: { count: 1, old: true } })
      const changed = await place.store.update(handle, record => ({ ...record, data: { count: record.data.count + 1 } }))
      assertSame(recordOf(changed).data, { count: 2 }, 'what is returned')
      assertSame(recordOf(await place.store.get(handle)).data, { count: 2 }, 'what is kept')
    },
  },
  {
    name: 'an update of a state that is no longer there is done over',
    async run(place) {
      const handle = await place.given({ data: { count: 1 } })
      const known = assertAlive(await place.store.get(handle))
      await place.open().update(handle, increment)
      assertSame(recordOf(await place.store.update(handle, increment, known)).data, { count: 3 }, 'the count')
    },
  },
  {
    name: 'what was read before and has expired or been revoked since is looked at anew',
    async run(place) {
      const handle = await place.given({ data: { count: 1 }, userId: 'ada', expiresAt: Math.trunc(place.now) + 30_000 })
      const known = assertAlive(await place.store.get(handle))
      await place.open().touch(handle, timesOf(place.now))
      place.advance(30_000)
      assertSame(recordOf(await place.store.update(handle, increment, known)).data, { count: 2 }, 'prolonged since')
      await place.open().update(handle, ({ userId: _, ...unbound }) => unbound)
      await place.open().raiseEpoch('ada')
      assertSame(recordOf(await place.store.update(handle, increment, known)).data, { count: 3 }, 'no longer the user\'s')
    },
  },
  {
    name: 'the state that an update returns can be updated',
    async run(place) {
      const handle = await place.given({ data: { count: 0 } })
      let known = assertAlive(await place.store.get(handle))
      for (let round = 0; round < 3; round++) {
        let runs = 0
        known = assertAlive(await place.store.update(handle, (record) => {
          runs++
          return increment(record)
        }, known))
        assertSame(runs, 1, 'runs of the change')
      }
      assertSame(recordOf(await place.store.get(handle)).data, { count: 3 }, 'the count')
    },
  },
  {
    name: 'an update revives nothing that is gone, dead or expired',
    async run(place) {
      const never = () => { throw new Error('the change was called') }
      assertSame(await place.store.update(place.handle(), never), undefined, 'of nothing')
      const dead = await place.given()
      const known = assertAlive(await place.store.get(dead))
      await place.store.destroy(dead, { reason: 'superseded', until: place.now + 60_000 })
      assertSame(await place.store.update(dead, never), { dead: 'superseded' }, 'of a dead one')
      assertSame(await place.store.update(dead, increment, known), { dead: 'superseded' }, 'of one that died since')
      assertSame(await place.store.touch(dead, timesOf(place.now), known), { dead: 'superseded' }, 'touch of a dead one')
      const expired = await place.given({ expiresAt: Math.trunc(place.now) + 30_000 })
      place.advance(30_000)
      assertSame(await place.store.update(expired, never), undefined, 'of an expired one')
      assertSame(await place.store.touch(expired, timesOf(place.now)), undefined, 'touch of an expired one')
    },
  },
  {
    name: 'an update whose change throws writes nothing and passes the error on',
    async run(place) {
      const handle = await place.given({ data: { count: 1 } })
      const mistake = new Error('mine')
      await assertRejects(() => place.store.update(handle, () => { throw mistake }), mistake)
      await assertRejects(() => place.store.update(handle, () => Promise.reject(mistake)), mistake)
      assertSame(recordOf(await place.store.get(handle)).data, { count: 1 }, 'the data')
    },
  },
  {
    name: 'no update of one process is lost',
    async run(place) {
      const handle = await place.given({ data: { count: 0 } })
      await Promise.all(Array.from({ length: 40 }, (_, index) =>
        place.store.update(handle, index % 2 ? increment : async record => increment(record))))
      assertSame(recordOf(await place.store.get(handle)).data, { count: 40 }, 'the count')
    },
  },
  {
    name: 'no update of several processes is lost, where the store is atomic',
    async run(place) {
      if (place.store.atomicity !== 'store') return
      const handle = await place.given({ data: { count: 0 } })
      const count = async (store: SessionStore) => {
        for (let round = 0; round < 20; round++) await store.update(handle, increment)
      }
      await Promise.all([place.store, place.open(), place.open()].map(count))
      assertSame(recordOf(await place.store.get(handle)).data, { count: 60 }, 'the count')
    },
  },
  {
    name: 'a touch moves the times, never back, and nothing else',
    async run(place) {
      const record = place.record({ data: { count: 1 }, userId: 'ada' })
      const handle = place.handle()
      await place.store.create(handle, record)
      const before = assertAlive(await place.store.get(handle))
      const times = timesOf(record.lastSeenAt + 1000)
      assertSame(recordOf(await place.store.touch(handle, times)), { ...record, ...times }, 'what is returned')
      assertSame(recordOf(await place.store.touch(handle, timesOf(record.lastSeenAt))), { ...record, ...times }, 'after an older one')
      assertSame(recordOf(await place.open().touch(handle, timesOf(record.lastSeenAt + 5), before)), { ...record, ...times }, 'after an older one by who read before')
      assertSame(recordOf(await place.open().get(handle)), { ...record, ...times }, 'what is kept')
      assertSame(await place.store.touch(place.handle(), times), undefined, 'touch of nothing')
    },
  },
  {
    name: 'touches and updates at the same time do not undo each other',
    async run(place) {
      const handle = await place.given({ data: { count: 0 } })
      const known = assertAlive(await place.store.get(handle))
      const last = timesOf(known.record.lastSeenAt + 20)
      await Promise.all(Array.from({ length: 20 }, (_, index) => [
        place.store.update(handle, increment),
        place.store.touch(handle, timesOf(known.record.lastSeenAt + index + 1), known),
      ]).flat())
      const found = recordOf(await place.store.get(handle))
      assertSame([found.data, found.lastSeenAt, found.expiresAt], [{ count: 20 }, last.lastSeenAt, last.expiresAt], 'the record')
    },
  },
  {
    name: 'a record of another form of JSON is touched and updated too',
    async run(place) {
      const handle = place.handle()
      const record = place.record({ data: { count: 1 } })
      await place.put(handle, JSON.stringify({ data: record.data, createdAt: record.createdAt, expiresAt: record.expiresAt, lastSeenAt: record.lastSeenAt, v: 1 }, null, 1))
      const times = timesOf(record.lastSeenAt + 5)
      assertSame(recordOf(await place.store.touch(handle, times)), { ...record, ...times }, 'touched')
      assertTrue(recordOf(await place.store.update(handle, increment)).data.count === 2, 'updated')
    },
  },
]

function increment(record: SessionRecord): SessionRecord {
  return { ...record, data: { ...record.data, count: record.data.count + 1 } }
}

function timesOf(lastSeenAt: number) {
  return { lastSeenAt: Math.trunc(lastSeenAt), expiresAt: Math.trunc(lastSeenAt) + 2 * 60 * 60 * 1000 }
}
