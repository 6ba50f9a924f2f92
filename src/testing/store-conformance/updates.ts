import assert from 'node:assert/strict'
import type { SessionRecord, SessionStore } from '../../runtime/core/store/store'
import type { ConformanceCases } from './store-under-test'
import { assertAlive, assertSame, mustNotRun, recordOf } from './assertions'

export const updateCases: ConformanceCases = {
  async 'an update replaces the record'(subject) {
    const handle = await subject.given({ data: { count: 1, old: true } })
    const changed = await subject.store.update(handle, record => ({ ...record, data: { count: record.data.count + 1 } }))
    assertSame(recordOf(changed).data, { count: 2 }, 'the returned record')
    assertSame(recordOf(await subject.store.get(handle)).data, { count: 2 }, 'the stored record')
  },
  async 'an update of an outdated state starts again with the current one'(subject) {
    const handle = await subject.given({ data: { count: 1 } })
    const known = assertAlive(await subject.store.get(handle))
    await subject.open().update(handle, increment)
    assertSame(recordOf(await subject.store.update(handle, increment, known)).data, { count: 3 }, 'the count')
  },
  async 'an update reads again if its known state has expired or been revoked'(subject) {
    const handle = await subject.given({ data: { count: 1 }, userId: 'ada', expiresAt: Math.trunc(subject.now) + 30_000 })
    const known = assertAlive(await subject.store.get(handle))
    await subject.open().touch(handle, timesOf(subject.now))
    subject.advance(30_000)
    assertSame(recordOf(await subject.store.update(handle, increment, known)).data, { count: 2 }, 'renewed in the meantime')
    await subject.open().update(handle, ({ userId: _, ...unbound }) => unbound)
    await subject.open().raiseEpoch('ada')
    assertSame(recordOf(await subject.store.update(handle, increment, known)).data, { count: 3 }, 'unbound in the meantime')
  },
  async 'the state that an update returns can be updated again'(subject) {
    const handle = await subject.given({ data: { count: 0 } })
    let known = assertAlive(await subject.store.get(handle))
    for (let round = 0; round < 3; round++) {
      let runs = 0
      known = assertAlive(await subject.store.update(handle, (record) => {
        runs++
        return increment(record)
      }, known))
      assertSame(runs, 1, 'the calls of the function')
    }
    assertSame(recordOf(await subject.store.get(handle)).data, { count: 3 }, 'the count')
  },
  async 'neither an update nor a renewal revives a missing, ended or expired session'(subject) {
    assertSame(await subject.store.update(subject.handle(), mustNotRun), undefined, 'update of a missing one')
    const ended = await subject.given()
    const known = assertAlive(await subject.store.get(ended))
    await subject.store.destroy(ended, { reason: 'superseded', until: subject.now + 60_000 })
    assertSame(await subject.store.update(ended, mustNotRun), { dead: 'superseded' }, 'update of an ended one')
    assertSame(await subject.store.update(ended, increment, known), { dead: 'superseded' }, 'update of one that ended in the meantime')
    assertSame(await subject.store.touch(ended, timesOf(subject.now), known), { dead: 'superseded' }, 'renewal of an ended one')
    const expired = await subject.given({ expiresAt: Math.trunc(subject.now) + 30_000 })
    subject.advance(30_000)
    assertSame(await subject.store.update(expired, mustNotRun), undefined, 'update of an expired one')
    assertSame(await subject.store.touch(expired, timesOf(subject.now)), undefined, 'renewal of an expired one')
  },
  async 'an update whose function throws writes nothing and throws the same error'(subject) {
    const handle = await subject.given({ data: { count: 1 } })
    const mistake = new Error('mine')
    await assert.rejects(async () => subject.store.update(handle, () => { throw mistake }), error => error === mistake)
    await assert.rejects(async () => subject.store.update(handle, () => Promise.reject(mistake)), error => error === mistake)
    assertSame(recordOf(await subject.store.get(handle)).data, { count: 1 }, 'the data')
  },
  async 'no update of one process is lost'(subject) {
    const handle = await subject.given({ data: { count: 0 } })
    await Promise.all(Array.from({ length: 40 }, (_, index) =>
      subject.store.update(handle, index % 2 ? increment : async record => increment(record))))
    assertSame(recordOf(await subject.store.get(handle)).data, { count: 40 }, 'the count')
  },
  async 'no update of several processes is lost if the store is atomic'(subject) {
    if (subject.store.atomicity !== 'store') return
    const handle = await subject.given({ data: { count: 0 } })
    const count = async (store: SessionStore) => {
      for (let round = 0; round < 20; round++) await store.update(handle, increment)
    }
    await Promise.all([subject.store, subject.open(), subject.open()].map(count))
    assertSame(recordOf(await subject.store.get(handle)).data, { count: 60 }, 'the count')
  },
  async 'a renewal changes only the times, and never to earlier ones'(subject) {
    const record = subject.record({ data: { count: 1 }, userId: 'ada', epoch: 0 })
    const handle = subject.handle()
    await subject.store.create(handle, record)
    const before = assertAlive(await subject.store.get(handle))
    const times = timesOf(record.lastSeenAt + 1000)
    assertSame(recordOf(await subject.store.touch(handle, times)), { ...record, ...times }, 'the returned record')
    assertSame(recordOf(await subject.store.touch(handle, timesOf(record.lastSeenAt))), { ...record, ...times }, 'after an older renewal')
    assertSame(recordOf(await subject.open().touch(handle, timesOf(record.lastSeenAt + 5), before)), { ...record, ...times }, 'after an older renewal of an outdated state')
    assertSame(recordOf(await subject.open().get(handle)), { ...record, ...times }, 'the stored record')
    assertSame(await subject.store.touch(subject.handle(), times), undefined, 'renewal of a missing one')
  },
  async 'parallel renewals and updates do not undo each other'(subject) {
    const handle = await subject.given({ data: { count: 0 } })
    const known = assertAlive(await subject.store.get(handle))
    const last = timesOf(known.record.lastSeenAt + 20)
    await Promise.all(Array.from({ length: 20 }, (_, index) => [
      subject.store.update(handle, increment),
      subject.store.touch(handle, timesOf(known.record.lastSeenAt + index + 1), known),
    ]).flat())
    const found = recordOf(await subject.store.get(handle))
    assertSame([found.data, found.lastSeenAt, found.expiresAt], [{ count: 20 }, last.lastSeenAt, last.expiresAt], 'the record')
  },
  async 'a record in other JSON formatting can be renewed and updated'(subject) {
    const handle = subject.handle()
    const record = subject.record({ data: { count: 1 } })
    const { lastSeenAt, expiresAt, createdAt, data } = record
    await subject.put(handle, JSON.stringify({ data, createdAt, expiresAt, lastSeenAt, v: 1 }, null, 1))
    const times = timesOf(lastSeenAt + 5)
    assertSame(recordOf(await subject.store.touch(handle, times)), { ...record, ...times, name: 'h3' }, 'renewed')
    assert(recordOf(await subject.store.update(handle, increment)).data.count === 2, 'updated')
  },
  async 'a record of an earlier version is like any other'(subject) {
    const record = subject.record({ data: { count: 1 }, userId: 'ada', name: 'h3', authenticatedAt: 5, epoch: 0 })
    const given = async () => {
      const [handle, replaced] = [await subject.given(record), subject.handle()]
      await subject.put(handle, oldText({ ...record, replaces: replaced }))
      return { handle, replaced }
    }
    const [renewed, updated, replaced, cleared, revoked] = await Promise.all([given(), given(), given(), given(), given()])
    assertSame(recordOf(await subject.store.get(renewed.handle, 'ada')), { ...record, replaces: renewed.replaced }, 'read')
    assertSame((await subject.store.list({ userId: 'ada' })).entries.length, 5, 'the list')
    assertSame(await subject.store.count({}), 5, 'the count')
    const times = timesOf(record.lastSeenAt + 5)
    assertSame(recordOf(await subject.store.touch(renewed.handle, times)), { ...record, replaces: renewed.replaced, ...times }, 'renewed')
    assertSame(recordOf(await subject.store.update(updated.handle, increment)).data, { count: 2 }, 'updated')
    for (const { handle } of [renewed, updated]) recordOf(await subject.open().get(handle))
    const known = assertAlive(await subject.store.get(replaced.handle))
    assertSame(await subject.store.destroy(replaced.handle, { reason: 'superseded', until: subject.now + 60_000, known }), 'destroyed', 'replaced')
    assertSame(await subject.store.destroy(cleared.handle, { reason: 'revoked', until: subject.now + 60_000 }), 'destroyed', 'cleared')
    const epoch = await subject.store.raiseEpoch('ada', revoked.handle)
    assertSame([recordOf(await subject.store.get(revoked.handle)).epoch, await subject.store.get(updated.handle)], [epoch, { dead: 'revoked' }], 'the exception and another one')
    assertSame(await subject.store.count({}), 1, 'the last count')
  },
}

function increment(record: SessionRecord): SessionRecord {
  return { ...record, data: { ...record.data, count: record.data.count + 1 } }
}

/** A record as earlier versions wrote it. */
function oldText({ lastSeenAt, expiresAt, ...rest }: SessionRecord): string {
  return `{"v":1,"lastSeenAt":${lastSeenAt},"expiresAt":${expiresAt},${JSON.stringify({ w: '0a1b2c3d.4;', ...rest }).slice(1)}`
}

function timesOf(lastSeenAt: number) {
  return { lastSeenAt: Math.trunc(lastSeenAt), expiresAt: Math.trunc(lastSeenAt) + 2 * 60 * 60 * 1000 }
}
