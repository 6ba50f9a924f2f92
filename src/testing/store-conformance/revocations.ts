import type { SessionRecord } from '../../runtime/core/store/store'
import type { ConformanceCases, StoreUnderTest } from './store-under-test'
import { assertAlive, assertSame, mustNotRun, recordOf } from './assertions'

const REVOKED = { dead: 'revoked' }

export const revocationCases: ConformanceCases = {
  async 'raising the app\'s epoch ends all sessions that began before, and no others'(subject) {
    for (let round = 0; round < 2; round++) {
      const before = [await begun(subject), await begun(subject, { userId: 'ada' }), await begun(subject, { name: 'cart' })]
      const known = assertAlive(await subject.store.get(before[1]!))
      await subject.open().raiseAppEpoch(undefined)
      for (const handle of before) {
        assertSame([await subject.store.get(handle), await subject.store.get(handle, 'ada')], [REVOKED, REVOKED], 'get')
        assertSame(await subject.store.update(handle, mustNotRun), REVOKED, 'update')
        assertSame(await subject.store.touch(handle, known.record), REVOKED, 'renewal')
      }
      assertSame(await subject.store.update(before[1]!, mustNotRun, known), REVOKED, 'update of a known state')
      const until = subject.now + 60_000
      assertSame(await subject.store.destroy(before[1]!, { reason: 'superseded', until, known }), 'dead', 'destroy')
      assertSame((await subject.store.list({})).entries, [], 'the list')
      assertSame(await subject.store.count({ userId: 'ada' }), 0, 'the count')
      const after = [await begun(subject), await begun(subject, { userId: 'ada' })]
      for (const handle of after) recordOf(await subject.store.get(handle))
      assertSame((await subject.store.list({})).entries.map(entry => entry.key).sort(), after.sort(), 'the new list')
    }
  },
  async 'raising the app\'s epoch of a name ends the sessions of this name only'(subject) {
    const [first, cart] = [await begun(subject), await begun(subject, { name: 'cart' })]
    await subject.store.raiseAppEpoch('cart')
    recordOf(await subject.store.get(first))
    assertSame(await subject.store.get(cart), REVOKED, 'the named one')
    const next = await begun(subject, { name: 'cart' })
    recordOf(await subject.store.get(next))
    await subject.store.raiseAppEpoch('other')
    for (const handle of [first, next]) recordOf(await subject.store.get(handle))
    await subject.store.raiseAppEpoch(undefined)
    for (const handle of [first, next]) assertSame(await subject.store.get(handle), REVOKED, 'after the raise for all')
    recordOf(await subject.store.get(await begun(subject, { name: 'cart' })))
  },
  async 'a session that began with an app\'s epoch from before the raise is revoked, whatever is written'(subject) {
    const appEpoch = await subject.store.appEpoch('h3')
    const known = assertAlive(await subject.store.get(await begun(subject)))
    await subject.open().raiseAppEpoch(undefined)
    const handle = await subject.given({ appEpoch, name: 'h3' })
    assertSame(await subject.store.get(handle), REVOKED, 'a new one')
    await subject.store.update(handle, record => ({ ...record, data: { late: true } }), known)
    assertSame(await subject.store.get(handle), REVOKED, 'an updated one')
  },
  async 'the sweep removes sessions that the app\'s epoch has revoked'(subject) {
    await Promise.all(Array.from({ length: 5 }, () => begun(subject, { userId: 'ada' })))
    await subject.store.raiseAppEpoch(undefined)
    const alive = await begun(subject)
    for (let rounds = 0, batches = 0; rounds < 2 && batches < 1000; batches++) if ((await subject.store.sweep(2)).isLast) rounds++
    assertSame(await subject.store.count({}), 1, 'the count')
    recordOf(await subject.store.get(alive))
  },
  async 'a login ends the user\'s oldest sessions above the limit, and no others'(subject) {
    const others = [await begun(subject, { createdAt: 1 }), await begun(subject, { createdAt: 1, userId: 'bob' }), await begun(subject, { createdAt: 1, userId: 'ada', name: 'cart' })]
    const ada = await inOrder([30, 10, 50, 20, 40], createdAt => begun(subject, { userId: 'ada', createdAt }))
    const record = recordOf(await subject.store.get(ada[0]!))
    assertSame(await subject.store.endOldest(ada[0]!, record, 5), [], 'the sessions that a limit of 5 ends')
    const ended = await subject.store.endOldest(ada[1]!, recordOf(await subject.store.get(ada[1]!)), 3)
    assertSame(ended.map(entry => entry.key), [ada[3], ada[0]], 'the sessions that a limit of 3 ends')
    assertSame(ended[1]!.record, record, 'the record of one')
    for (const handle of [ada[3]!, ada[0]!]) {
      assertSame([await subject.open().get(handle), await subject.store.get(handle, 'ada')], [REVOKED, REVOKED], 'get')
      assertSame(await subject.store.update(handle, mustNotRun), REVOKED, 'update')
    }
    for (const handle of [ada[1]!, ada[2]!, ada[4]!, ...others]) recordOf(await subject.store.get(handle))
    assertSame(await subject.store.count({ userId: 'ada' }), 4, 'the count')
    await subject.store.raiseEpoch('ada', ada[2])
    assertSame(await subject.store.endOldest(ada[2]!, recordOf(await subject.store.get(ada[2]!)), 1), [], 'after a raise with an exception')
    recordOf(await subject.store.get(ada[2]!))
  },
  async 'of parallel logins of a user, exactly the limit stays alive'(subject) {
    const stores = subject.store.atomicity === 'store' ? [subject.store, subject.open(), subject.open()] : [subject.store]
    const handles: string[] = []
    const ended: string[] = []
    await Promise.all(Array.from({ length: 12 }, async (_item, at) => {
      const store = stores[at % stores.length]!
      const handle = await begun(subject, { userId: 'ada' })
      handles.push(handle)
      for (const entry of await store.endOldest(handle, subject.record({ userId: 'ada', name: 'h3' }), 3)) ended.push(entry.key)
    }))
    const found = await Promise.all(handles.map(handle => subject.store.get(handle, 'ada')))
    assertSame(found.filter(state => state !== undefined && 'record' in state).length, 3, 'the number of sessions that are alive')
    assertSame([ended.length, new Set(ended).size], [9, 9], 'the number of those that ended')
  },
}

async function begun(subject: StoreUnderTest, part: Partial<SessionRecord> = {}): Promise<string> {
  const { userId, name = 'h3' } = part
  const [appEpoch, epoch] = [await subject.store.appEpoch(name), userId === undefined ? undefined : await subject.store.epoch(userId)]
  return subject.given({ name, appEpoch, ...epoch !== undefined && { epoch }, ...part })
}

async function inOrder<T, R>(items: T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await run(item))
  return results
}
