import assert from 'node:assert/strict'
import type { ConformanceCases } from './store-under-test'
import { assertAlive, assertSame, mustNotRun, recordOf } from './assertions'

const MALFORMED = ['', '{', 'rubbish', '[]', 'null!', '7', '"text"', '{}', '{"v":2,"data":{}}',
  '{"v":1,"createdAt":"now","lastSeenAt":1,"expiresAt":2,"data":{}}', '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":[]}',
  '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":{},"userId":""}', '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":{},"epoch":"1"}']

const HOUR = 60 * 60 * 1000

export const lifecycleCases: ConformanceCases = {
  async 'a new record is found, also by another store over the same data'(subject) {
    const record = subject.record({
      authenticatedAt: 5, maxAge: 60, idleTimeout: 3600, name: 'h3', flash: { note: 'hi' }, userAgent: 'Mozilla', ip: '::1',
      data: { text: 'é 😀 \u2028 "quoted"', list: [1, null, { deep: true }], 7: 'seven', big: 'x'.repeat(100_000) },
    })
    const handle = subject.handle()
    await subject.store.create(handle, record)
    assertSame(recordOf(await subject.store.get(handle)), record, 'the record')
    assertSame(recordOf(await subject.open().get(handle)), record, 'the record in another store')
  },
  async 'a record is stored as JSON under its handle'(subject) {
    const record = subject.record({ idleTimeout: false, name: 'other', userId: 'ada', data: { count: 1 } })
    const handle = subject.handle()
    await subject.store.create(handle, record)
    const item = await subject.driver.getItem(`${subject.prefix}:${handle}`, {})
    const { w, ...stored } = (typeof item === 'string' ? JSON.parse(item) : item) as Record<string, unknown>
    assertSame(typeof w, 'string', 'the id of the write')
    assertSame(stored, { v: 1, ...record }, 'the item')
  },
  async 'an unknown or invalid handle finds nothing'(subject) {
    assertSame(await subject.store.get(subject.handle()), undefined, 'an unknown handle')
    for (const key of ['', 'user:1', '../../etc/passwd', 'A'.repeat(64), `${subject.handle()}:x`, '__proto__']) {
      assertSame(await subject.store.get(key), undefined, 'an invalid handle')
      assertSame(await subject.store.update(key, record => record), undefined, 'an update of an invalid handle')
      assertSame(await subject.store.destroy(key, { reason: 'revoked', until: subject.now + 1000 }), 'dead', 'destroying an invalid handle')
    }
  },
  async 'a new record neither replaces an existing one nor revives an ended one'(subject) {
    const handle = await subject.given({ data: { mine: true } })
    await assert.rejects(subject.store.create(handle, subject.record()), { code: 'SESSION_CONFLICT' })
    assertSame(recordOf(await subject.store.get(handle)).data, { mine: true }, 'the data of the first one')
    await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + 60_000 })
    await assert.rejects(subject.store.create(handle, subject.record()), { code: 'SESSION_CONFLICT' })
    assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'the tombstone')
  },
  async 'a malformed record is not updated, and can be destroyed'(subject) {
    for (const text of MALFORMED) {
      const handle = subject.handle()
      await subject.put(handle, text)
      assertSame(await subject.store.get(handle), { malformed: true }, text)
      assertSame(await subject.store.update(handle, mustNotRun), { malformed: true }, `update of ${text}`)
      assertSame(await subject.store.touch(handle, { lastSeenAt: subject.now, expiresAt: subject.now }), { malformed: true }, `renewal of ${text}`)
      assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + 60_000 }), 'destroyed', `destroying ${text}`)
      assertSame(await subject.store.get(handle), { dead: 'revoked' }, `${text}, destroyed`)
    }
    assertSame((await subject.store.list({})).entries, [], 'the list')
  },
  async 'a key __proto__ in a record is dropped'(subject) {
    const handle = subject.handle()
    const times = `"createdAt":1,"lastSeenAt":${subject.now},"expiresAt":${subject.now + 60_000}`
    await subject.put(handle, `{"v":1,${times},"data":{"__proto__":{"admin":true},"in":{"\\u005f_proto__":1}}}`)
    const { data } = recordOf(await subject.store.get(handle))
    assertSame([Object.keys(data), Object.keys(data.in), data.admin], [['in'], [], undefined], 'keys')
    assert(Object.getPrototypeOf(data) === Object.prototype, 'the prototype has changed')
  },
  async 'a destroyed session has a tombstone with its first reason'(subject) {
    const handle = await subject.given()
    assertSame(await subject.store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR }), 'destroyed', 'the first')
    assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + HOUR }), 'dead', 'the second')
    assertSame(await subject.open().get(handle), { dead: 'superseded' }, 'what is found')
  },
  async 'a handle without a record can get a tombstone'(subject) {
    const handle = subject.handle()
    assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + HOUR }), 'destroyed', 'the first')
    assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'what is found')
  },
  async 'destroying a known state does not destroy a changed one'(subject) {
    const handle = await subject.given({ data: { count: 1 } })
    const known = assertAlive(await subject.store.get(handle))
    await subject.store.update(handle, record => ({ ...record, data: { count: 2 } }))
    assertSame(await subject.store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR, known }), 'changed', 'the outcome')
    const now = assertAlive(await subject.store.get(handle))
    assertSame(now.record.data, { count: 2 }, 'the data')
    assertSame(await subject.store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR, known: now }), 'destroyed', 'the current state')
    assertSame(await subject.store.destroy(subject.handle(), { reason: 'superseded', until: subject.now + HOUR, known: now }), 'changed', 'a handle without a record')
  },
  async 'the newest id of a session is found from each one before, and ends with any of them'(subject) {
    const handles = [await subject.given({ userId: 'ada' })]
    for (let count = 1; count < 20; count++) {
      const successor = await subject.given({ userId: 'ada' })
      await subject.store.destroy(handles.at(-1)!, { reason: 'superseded', until: subject.now + HOUR, successor })
      handles.push(successor)
    }
    const [first, newest] = [handles[0]!, handles.at(-1)!]
    for (const handle of handles) assertSame(await subject.store.newest(handle), newest, 'the newest id')
    for (const handle of handles.slice(0, -1)) {
      const found = await subject.store.get(handle)
      assert(found !== undefined && 'dead' in found && found.dead === 'superseded', 'the tombstone')
      assert(handles.indexOf(found.successor!) > handles.indexOf(handle), 'a later id')
    }
    recordOf(await subject.store.get(newest))
    assertSame(await subject.store.destroy(first, { reason: 'revoked', until: subject.now + HOUR }), 'successor', 'the outcome')
    const ended = await subject.store.get(newest)
    assert(ended !== undefined && 'dead' in ended && ended.dead === 'revoked', 'the end of the newest id')
    assertSame((await subject.store.list({ userId: 'ada' })).entries, [], 'the list')
  },
  async 'a session ends as replaced under its newest id, if the call says so'(subject) {
    const handles = [await subject.given({ userId: 'ada' }), await subject.given({ userId: 'ada' }), await subject.given({ userId: 'ada' })]
    const [first, second, newest] = handles as [string, string, string]
    await subject.store.destroy(first, { reason: 'superseded', until: subject.now + HOUR, successor: second })
    await subject.store.destroy(second, { reason: 'superseded', until: subject.now + HOUR, successor: newest })
    assertSame(await subject.store.destroy(second, { reason: 'superseded', until: subject.now + HOUR }), 'dead', 'the end of one id')
    recordOf(await subject.store.get(newest))
    assertSame(await subject.store.destroy(first, { reason: 'superseded', ends: 'session', until: subject.now + HOUR }), 'successor', 'the end of the session')
    const ended = await subject.store.get(newest)
    assert(ended !== undefined && 'dead' in ended && ended.dead === 'superseded', 'the end of the newest id')
    assertSame(await subject.store.destroy(first, { reason: 'superseded', ends: 'session', until: subject.now + HOUR }), 'dead', 'the second call')
    assertSame((await subject.store.list({ userId: 'ada' })).entries, [], 'the list')
  },
  async 'of several calls that destroy the same state, one succeeds'(subject) {
    const handle = await subject.given()
    const known = assertAlive(await subject.store.get(handle))
    const others = subject.store.atomicity === 'store' ? [subject.open(), subject.open()] : [subject.store, subject.store]
    const outcomes = await Promise.all([subject.store, ...others].map(store =>
      store.destroy(handle, { reason: 'superseded', until: subject.now + HOUR, known })))
    assertSame(outcomes.sort(), ['dead', 'dead', 'destroyed'], 'outcomes')
  },
  async 'no parallel call keeps a destroyed session alive'(subject) {
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
  async 'a sweep removes only what has expired'(subject) {
    const alive = await subject.given({ userId: 'ada' })
    const ended = await subject.given()
    await subject.store.destroy(ended, { reason: 'revoked', until: subject.now + HOUR })
    for (let round = 0; round < 5; round++) await subject.store.sweep(100)
    recordOf(await subject.store.get(alive))
    assertSame(await subject.store.get(ended), { dead: 'revoked' }, 'the tombstone')
    assertSame(await subject.store.count({ userId: 'ada' }), 1, 'the user\'s sessions')
  },
}
