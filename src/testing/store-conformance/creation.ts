import type { StoreConformanceCase } from './store-under-test'
import { assertRejects, assertSame, assertTrue, recordOf } from './assertions'

const MALFORMED = ['', '{', 'rubbish', '[]', 'null!', '7', '"text"', '{}', '{"v":2,"data":{}}',
  '{"v":1,"createdAt":"now","lastSeenAt":1,"expiresAt":2,"data":{}}', '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":[]}',
  '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":{},"userId":""}', '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":{},"epoch":"1"}']

export const creationCases: StoreConformanceCase[] = [
  {
    name: 'a new record is found, also by another store over the same data',
    async run(subject) {
      const record = subject.record({
        authenticatedAt: 5, maxAge: 60, name: 'h3', flash: { note: 'hi' }, userAgent: 'Mozilla', ip: '::1',
        data: { text: 'é 😀 \u2028 "quoted"', list: [1, null, { deep: true }], 7: 'seven', big: 'x'.repeat(100_000) },
      })
      const handle = subject.handle()
      await subject.store.create(handle, record)
      assertSame(recordOf(await subject.store.get(handle)), record, 'the record')
      assertSame(recordOf(await subject.open().get(handle)), record, 'the record in another store')
    },
  },
  {
    name: 'a record is stored as JSON under its handle',
    async run(subject) {
      const record = subject.record({ data: { count: 1 } })
      const handle = subject.handle()
      await subject.store.create(handle, record)
      const item = await subject.driver.getItem(`${subject.prefix}:${handle}`, {})
      assertSame(typeof item === 'string' ? JSON.parse(item) : item, record, 'the item')
    },
  },
  {
    name: 'an unknown or invalid handle finds nothing',
    async run(subject) {
      assertSame(await subject.store.get(subject.handle()), undefined, 'an unknown handle')
      for (const key of ['', 'user:1', '../../etc/passwd', 'A'.repeat(64), `${subject.handle()}:x`, '__proto__']) {
        assertSame(await subject.store.get(key), undefined, 'an invalid handle')
        assertSame(await subject.store.update(key, record => record), undefined, 'an update of an invalid handle')
        assertSame(await subject.store.destroy(key, { reason: 'revoked', until: subject.now + 1000 }), 'dead', 'destroying an invalid handle')
      }
    },
  },
  {
    name: 'a new record neither replaces an existing one nor revives an ended one',
    async run(subject) {
      const handle = await subject.given({ data: { mine: true } })
      await assertRejects(() => subject.store.create(handle, subject.record()), 'SESSION_CONFLICT')
      assertSame(recordOf(await subject.store.get(handle)).data, { mine: true }, 'the data of the first one')
      await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + 60_000 })
      await assertRejects(() => subject.store.create(handle, subject.record()), 'SESSION_CONFLICT')
      assertSame(await subject.store.get(handle), { dead: 'revoked' }, 'the tombstone')
    },
  },
  {
    name: 'a malformed record is not updated, and can be destroyed',
    async run(subject) {
      for (const text of MALFORMED) {
        const handle = subject.handle()
        await subject.put(handle, text)
        assertSame(await subject.store.get(handle), { malformed: true }, text)
        const change = () => { throw new Error(`changed ${text}`) }
        assertSame(await subject.store.update(handle, change), { malformed: true }, `update of ${text}`)
        assertSame(await subject.store.touch(handle, { lastSeenAt: subject.now, expiresAt: subject.now }), { malformed: true }, `renewal of ${text}`)
        assertSame(await subject.store.destroy(handle, { reason: 'revoked', until: subject.now + 60_000 }), 'destroyed', `destroying ${text}`)
        assertSame(await subject.store.get(handle), { dead: 'revoked' }, `${text}, destroyed`)
      }
      assertSame((await subject.store.list({})).entries, [], 'the list')
    },
  },
  {
    name: 'a key __proto__ in a record is dropped',
    async run(subject) {
      const handle = subject.handle()
      const times = `"createdAt":1,"lastSeenAt":${subject.now},"expiresAt":${subject.now + 60_000}`
      await subject.put(handle, `{"v":1,${times},"data":{"__proto__":{"admin":true},"in":{"\\u005f_proto__":1}}}`)
      const { data } = recordOf(await subject.store.get(handle))
      assertSame([Object.keys(data), Object.keys(data.in), data.admin], [['in'], [], undefined], 'keys')
      assertTrue(Object.getPrototypeOf(data) === Object.prototype, 'the prototype has changed')
    },
  },
]
