import type { StoreConformanceCase } from '../store-conformance'
import { assertRejects, assertSame, assertTrue, recordOf } from './assertions'

const RUBBISH = ['', '{', 'rubbish', '[]', 'null!', '7', '"text"', '{}', '{"v":2,"data":{}}',
  '{"v":1,"createdAt":"now","lastSeenAt":1,"expiresAt":2,"data":{}}', '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":[]}',
  '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":{},"userId":""}', '{"v":1,"createdAt":1,"lastSeenAt":1,"expiresAt":2,"data":{},"epoch":"1"}']

export const creationCases: StoreConformanceCase[] = [
  {
    name: 'a new record is found, by another store over the same data too',
    async run(place) {
      const record = place.record({
        authenticatedAt: 5, maxAge: 60, name: 'h3', flash: { note: 'hi' }, userAgent: 'Mozilla', ip: '::1',
        data: { text: 'é 😀 \u2028 "quoted"', list: [1, null, { deep: true }], 7: 'seven', big: 'x'.repeat(100_000) },
      })
      const handle = place.handle()
      await place.store.create(handle, record)
      assertSame(recordOf(await place.store.get(handle)), record, 'the record')
      assertSame(recordOf(await place.open().get(handle)), record, 'the record for another store')
    },
  },
  {
    name: 'a record lies at its handle as JSON',
    async run(place) {
      const record = place.record({ data: { count: 1 } })
      const handle = place.handle()
      await place.store.create(handle, record)
      const item = await place.driver.getItem(`${place.prefix}:${handle}`, {})
      assertSame(typeof item === 'string' ? JSON.parse(item) : item, record, 'the item')
    },
  },
  {
    name: 'nothing is found where nothing was kept',
    async run(place) {
      assertSame(await place.store.get(place.handle()), undefined, 'an unknown handle')
      for (const key of ['', 'user:1', '../../etc/passwd', 'A'.repeat(64), `${place.handle()}:x`, '__proto__']) {
        assertSame(await place.store.get(key), undefined, 'a key that is no handle')
        assertSame(await place.store.update(key, record => record), undefined, 'an update of it')
        assertSame(await place.store.destroy(key, { reason: 'revoked', until: place.now + 1000 }), 'dead', 'its end')
      }
    },
  },
  {
    name: 'a new record takes no other\'s place, and revives none',
    async run(place) {
      const handle = await place.given({ data: { mine: true } })
      await assertRejects(() => place.store.create(handle, place.record()), 'SESSION_CONFLICT')
      assertSame(recordOf(await place.store.get(handle)).data, { mine: true }, 'the first one\'s data')
      await place.store.destroy(handle, { reason: 'revoked', until: place.now + 60_000 })
      await assertRejects(() => place.store.create(handle, place.record()), 'SESSION_CONFLICT')
      assertSame(await place.store.get(handle), { dead: 'revoked' }, 'the dead one')
    },
  },
  {
    name: 'what is no record is malformed, is not updated, and can be ended',
    async run(place) {
      for (const text of RUBBISH) {
        const handle = place.handle()
        await place.put(handle, text)
        assertSame(await place.store.get(handle), { malformed: true }, text)
        const change = () => { throw new Error(`changed ${text}`) }
        assertSame(await place.store.update(handle, change), { malformed: true }, `update of ${text}`)
        assertSame(await place.store.touch(handle, { lastSeenAt: place.now, expiresAt: place.now }), { malformed: true }, `touch of ${text}`)
        assertSame(await place.store.destroy(handle, { reason: 'revoked', until: place.now + 60_000 }), 'destroyed', `end of ${text}`)
        assertSame(await place.store.get(handle), { dead: 'revoked' }, `${text}, ended`)
      }
      assertSame((await place.store.list({})).entries, [], 'the list')
    },
  },
  {
    name: 'a key __proto__ in a record is left out',
    async run(place) {
      const handle = place.handle()
      const times = `"createdAt":1,"lastSeenAt":${place.now},"expiresAt":${place.now + 60_000}`
      await place.put(handle, `{"v":1,${times},"data":{"__proto__":{"admin":true},"in":{"\\u005f_proto__":1}}}`)
      const { data } = recordOf(await place.store.get(handle))
      assertSame([Object.keys(data), Object.keys(data.in), data.admin], [['in'], [], undefined], 'keys')
      assertTrue(Object.getPrototypeOf(data) === Object.prototype, 'the prototype is untouched')
    },
  },
]
