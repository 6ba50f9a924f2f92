import assert from 'node:assert/strict'
import { startOfHandle } from '../../runtime/core/store/epochs'
import type { ConformanceCases, StoreUnderTest } from './store-under-test'
import { assertAlive, assertSame, mustNotRun, recordOf } from './assertions'

const USERS = ['ada', 'a:b/c\\d', '..', '😀 é', '__proto__', 'x'.repeat(5000)]

export const userCases: ConformanceCases = {
  async 'raising a user\'s epoch ends all sessions bound before, and no others'(subject) {
    for (const userId of USERS) {
      assertSame(await subject.store.epoch(userId), 0, 'the first epoch')
      const before = await bound(subject, userId)
      const known = assertAlive(await subject.store.get(before))
      const others = [await subject.given(), await bound(subject, 'somebody else')]
      const epoch = await subject.open().raiseEpoch(userId)
      assertSame(await subject.store.epoch(userId), epoch, 'the epoch')
      assertSame(await subject.store.get(before), { dead: 'revoked' }, 'get')
      assertSame(await subject.store.update(before, mustNotRun, known), { dead: 'revoked' }, 'update')
      assertSame(await subject.store.touch(before, known.record, known), { dead: 'revoked' }, 'renewal')
      assertSame(await subject.store.destroy(before, { reason: 'superseded', until: subject.now + 60_000, known }), 'dead', 'destroy')
      const after = await bound(subject, userId)
      for (const handle of [after, ...others]) recordOf(await subject.store.get(handle))
      assertSame((await subject.store.list({ userId })).entries.map(entry => entry.key), [after], 'the list')
      assert(await subject.store.raiseEpoch(userId) > epoch, 'the epoch is not higher than the last one')
    }
  },
  async 'raising a user\'s epoch except for one session keeps that one until the next raise'(subject) {
    const [kept, other] = [await bound(subject, 'ada'), await bound(subject, 'ada')]
    await subject.store.raiseEpoch('ada', kept)
    assertSame([recordOf(await subject.store.get(kept)).userId, await subject.store.get(other)], ['ada', { dead: 'revoked' }], 'the sessions')
    recordOf(await subject.store.update(kept, record => ({ ...record, data: { still: true } })))
    assertSame(await subject.store.count({ userId: 'ada' }), 1, 'the count')
    const next = subject.handle()
    await subject.store.create(next, recordOf(await subject.store.get(kept)))
    recordOf(await subject.store.get(next))
    await subject.store.raiseEpoch('ada')
    for (const handle of [kept, next]) assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'the exception')
  },
  async 'the session that replaces the exception before the raise is kept too, until the next raise'(subject) {
    const [kept, other] = [await bound(subject, 'ada'), await bound(subject, 'ada')]
    const [next, another] = [subject.handle(), subject.handle()]
    await subject.store.create(next, { ...recordOf(await subject.store.get(kept)), replaces: startOfHandle(kept) })
    await subject.store.create(another, { ...recordOf(await subject.store.get(other)), replaces: startOfHandle(other) })
    const epoch = await subject.store.raiseEpoch('ada', kept)
    assertSame(recordOf(await subject.store.get(next)).epoch, epoch, 'the epoch')
    for (const handle of [other, another]) assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'the others')
    assertSame((await subject.store.list({ userId: 'ada' })).entries.map(entry => entry.key).sort(), [kept, next].sort(), 'the list')
    await subject.store.raiseEpoch('ada', other)
    for (const handle of [kept, next]) assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'after the next raise')
  },
  async 'the user that is given to get() may be wrong'(subject) {
    const [ada, bob, visitor, malformed] = [await bound(subject, 'ada'), await bound(subject, 'bob'), await subject.given(), subject.handle()]
    await subject.put(malformed, '{"v":1,"userId":"ada"}')
    await subject.store.raiseEpoch('ada')
    for (const userId of [...USERS, 'bob', undefined]) {
      assertSame(await subject.store.get(ada, userId), { dead: 'revoked' }, 'the revoked session')
      assertSame(recordOf(await subject.store.get(bob, userId)).userId, 'bob', 'the other user\'s')
      assertSame(recordOf(await subject.store.get(visitor, userId)).userId, undefined, 'the visitor\'s')
      assertSame(await subject.store.get(malformed, userId), { malformed: true }, 'the malformed one')
      assertSame(await subject.store.get(subject.handle(), userId), undefined, 'an unknown one')
    }
    const [kept, other] = [await bound(subject, 'ada'), await bound(subject, 'ada')]
    const epoch = await subject.store.raiseEpoch('ada', kept)
    assertSame([recordOf(await subject.store.get(kept, 'ada')).epoch, await subject.store.get(other, 'ada')], [epoch, { dead: 'revoked' }], 'after a raise with an exception')
  },
  async 'the user that is given to destroy() may be wrong'(subject) {
    for (const userId of ['ada', 'bob', undefined]) {
      const handle = await bound(subject, 'ada')
      assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + 60_000, userId }), 'destroyed', `destroyed as of ${userId}`)
      assertSame((await subject.store.list({ userId: 'ada' })).entries, [], 'the list')
    }
    assertSame(await subject.store.count({}), 0, 'the count')
  },
  async 'a session bound with an epoch from before the raise is revoked'(subject) {
    const epoch = await subject.store.epoch('ada')
    await subject.open().raiseEpoch('ada')
    const created = await subject.given({ userId: 'ada', epoch })
    assertSame(await subject.store.get(created), { dead: 'revoked' }, 'a new one')
    const rebound = await subject.given()
    await subject.store.update(rebound, record => ({ ...record, userId: 'ada', epoch }))
    assertSame(await subject.store.get(rebound), { dead: 'revoked' }, 'a bound one')
    assertSame((await subject.store.list({ userId: 'ada' })).entries, [], 'the list')
    assertSame(await subject.store.count({ userId: 'ada' }), 0, 'the count')
    for (const handle of [created, rebound])
      assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + 60_000 }), 'dead', 'destroy')
  },
  async 'parallel raises of an epoch all end the sessions bound before'(subject) {
    const handle = await bound(subject, 'ada')
    const stores = [subject.store, subject.open(), subject.open()]
    const epochs = await Promise.all(stores.map(store => store.raiseEpoch('ada')))
    const last = await subject.store.epoch('ada')
    assert(epochs.includes(last), 'the epoch is none of the returned ones')
    if (subject.store.atomicity === 'store') assertSame([last, new Set(epochs).size], [Math.max(...epochs), stores.length], 'the epochs')
    assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'the session')
  },
  async 'a session is listed at once for the user to whom it is bound'(subject) {
    const handle = await subject.given()
    const keysOf = async (userId: string) => (await subject.store.list({ userId })).entries.map(entry => entry.key)
    for (const userId of USERS) {
      const epoch = await subject.store.epoch(userId)
      await subject.store.update(handle, record => ({ ...record, userId, epoch }))
      for (const user of USERS) assertSame(await keysOf(user), user === userId ? [handle] : [], `sessions of ${user}`)
    }
    await subject.store.update(handle, ({ userId: _userId, ...record }) => record)
    for (const user of USERS) assertSame(await keysOf(user), [], `sessions of ${user} at the end`)
  },
}

async function bound(subject: StoreUnderTest, userId: string): Promise<string> {
  return subject.given({ userId, epoch: await subject.store.epoch(userId) })
}
