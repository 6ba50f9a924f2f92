import type { StoreConformanceCase, StoreUnderTest } from '../store-conformance'
import { assertAlive, assertSame, assertTrue, recordOf } from './assertions'

const USERS = ['ada', 'a:b/c\\d', '..', '😀 é', '__proto__', 'x'.repeat(5000)]

export const userCases: StoreConformanceCase[] = [
  {
    name: 'raising a user\'s epoch ends all sessions bound before, and no other',
    async run(place) {
      for (const userId of USERS) {
        assertSame(await place.store.epoch(userId), 0, 'the first epoch')
        const before = await bound(place, userId)
        const known = assertAlive(await place.store.get(before))
        const others = [await place.given(), await bound(place, 'somebody else')]
        const epoch = await place.open().raiseEpoch(userId)
        assertSame(await place.store.epoch(userId), epoch, 'the epoch')
        assertSame(await place.store.get(before), { dead: 'revoked' }, 'get')
        const never = () => { throw new Error('the change was called') }
        assertSame(await place.store.update(before, never, known), { dead: 'revoked' }, 'update')
        assertSame(await place.store.touch(before, known.record, known), { dead: 'revoked' }, 'touch')
        assertSame(await place.store.destroy(before, { reason: 'superseded', until: place.now + 60_000, known }), 'dead', 'destroy')
        const after = await bound(place, userId)
        for (const handle of [after, ...others]) recordOf(await place.store.get(handle))
        assertSame((await place.store.list({ userId })).entries.map(entry => entry.key), [after], 'the list')
        assertTrue(await place.store.raiseEpoch(userId) > epoch, 'an epoch is above the one before')
      }
    },
  },
  {
    name: 'raising a user\'s epoch except for one session leaves that one, until it is raised again',
    async run(place) {
      const [kept, other] = [await bound(place, 'ada'), await bound(place, 'ada')]
      await place.store.raiseEpoch('ada', kept)
      assertSame([recordOf(await place.store.get(kept)).userId, await place.store.get(other)], ['ada', { dead: 'revoked' }], 'the sessions')
      recordOf(await place.store.update(kept, record => ({ ...record, data: { still: true } })))
      assertSame(await place.store.count({ userId: 'ada' }), 1, 'the number')
      const next = place.handle()
      await place.store.create(next, recordOf(await place.store.get(kept)))
      recordOf(await place.store.get(next))
      await place.store.raiseEpoch('ada')
      for (const handle of [kept, next]) assertSame(await place.store.get(handle), { dead: 'revoked' }, 'the kept one')
    },
  },
  {
    name: 'what took the place of the excepted session before the raise is left too, until it is raised again',
    async run(place) {
      const [kept, other] = [await bound(place, 'ada'), await bound(place, 'ada')]
      const next = place.handle()
      await place.store.create(next, { ...recordOf(await place.store.get(kept)), replaces: kept })
      const epoch = await place.store.raiseEpoch('ada', kept)
      assertSame([recordOf(await place.store.get(next)).epoch, await place.store.get(other)], [epoch, { dead: 'revoked' }], 'the sessions')
      assertSame((await place.store.list({ userId: 'ada' })).entries.map(entry => entry.key).sort(), [kept, next].sort(), 'the list')
      await place.store.raiseEpoch('ada', other)
      for (const handle of [kept, next]) assertSame(await place.store.get(handle), { dead: 'revoked' }, 'at the next raise')
    },
  },
  {
    name: 'a session bound by an epoch that was read before the raise is dead',
    async run(place) {
      const epoch = await place.store.epoch('ada')
      await place.open().raiseEpoch('ada')
      const created = await place.given({ userId: 'ada', epoch })
      assertSame(await place.store.get(created), { dead: 'revoked' }, 'a new one')
      const rebound = await place.given()
      await place.store.update(rebound, record => ({ ...record, userId: 'ada', epoch }))
      assertSame(await place.store.get(rebound), { dead: 'revoked' }, 'a bound one')
      assertSame((await place.store.list({ userId: 'ada' })).entries, [], 'the list')
      assertSame(await place.store.count({ userId: 'ada' }), 0, 'the number')
      for (const handle of [created, rebound])
        assertSame(await place.store.destroy(handle, { reason: 'revoked', until: place.now + 60_000 }), 'dead', 'ending it')
    },
  },
  {
    name: 'epochs that are raised at the same time are all above those before',
    async run(place) {
      const handle = await bound(place, 'ada')
      const stores = [place.store, place.open(), place.open()]
      const epochs = await Promise.all(stores.map(store => store.raiseEpoch('ada')))
      const last = await place.store.epoch('ada')
      assertTrue(epochs.includes(last), 'the last epoch is one of those')
      if (place.store.atomicity === 'store') assertSame([last, new Set(epochs).size], [Math.max(...epochs), stores.length], 'the epochs')
      assertSame(await place.store.get(handle), { dead: 'revoked' }, 'the session')
    },
  },
  {
    name: 'a session is listed for the user it is bound to, at once',
    async run(place) {
      const handle = await place.given()
      const keysOf = async (userId: string) => (await place.store.list({ userId })).entries.map(entry => entry.key)
      for (const userId of USERS) {
        const epoch = await place.store.epoch(userId)
        await place.store.update(handle, record => ({ ...record, userId, epoch }))
        for (const user of USERS) assertSame(await keysOf(user), user === userId ? [handle] : [], `sessions of ${user}`)
      }
      await place.store.update(handle, ({ userId: _userId, ...record }) => record)
      for (const user of USERS) assertSame(await keysOf(user), [], `sessions of ${user} at the end`)
    },
  },
]

async function bound(place: StoreUnderTest, userId: string): Promise<string> {
  return place.given({ userId, epoch: await place.store.epoch(userId) })
}
