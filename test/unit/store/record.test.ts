import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiJson, decode, encodeRecord, encodeTombstone, endOf } from '../../../src/runtime/core/store/record'
import type { SessionRecord } from '../../../src/runtime/core/store/store'
import { FakeStoreEnvironment } from './support/fake-environment'

const env = new FakeStoreEnvironment()

describe('a record as text', () => {
  it('has its times first, in a fixed width', () => {
    const text = encodeRecord(env.record({ createdAt: 5, name: 'app', data: { a: 1 } }))
    expect(text).toBe('{"v":1,"lastSeenAt":1924992000000,"expiresAt":1924992060000,"name":"app","createdAt":5,"data":{"a":1}}')
  })

  it.each([[0, '            0'], [-5, '            0'], [1.9, '            1'], [1e12, '1000000000000'], [1e15, '9999999999999'], [Infinity, '9999999999999']])('with a time of %d is JSON of the same width', (time, expected) => {
    const text = encodeRecord(env.record({ lastSeenAt: time }))
    expect(text.slice(0, 46)).toBe(`{"v":1,"lastSeenAt":${expected},"expiresAt":`)
    expect(decode(text)).toHaveProperty('record.lastSeenAt', Number(expected))
  })

  it('has the ids of its last writes after the times, and decodes without them', () => {
    const record = env.record({ createdAt: 5, name: 'app' })
    const text = encodeRecord(record, 'aaaaaabbbbbb')
    expect(text).toBe('{"v":1,"lastSeenAt":1924992000000,"expiresAt":1924992060000,"w":"aaaaaabbbbbb","name":"app","createdAt":5,"data":{}}')
    expect(decode(text)).toEqual({ record, version: text })
  })

  it.each([['h3', '{"v":1,"lastSeenAt":1924992000000,"expiresAt":1924992060000,"createdAt":5,"data":{}}'], [undefined, '{"v":1,"lastSeenAt":1924992000000,"expiresAt":1924992060000,"name":"","createdAt":5,"data":{}}']])('leaves out the default name: %s', (name, text) => {
    const record = env.record({ createdAt: 5, ...name === undefined ? {} : { name } })
    expect(encodeRecord(record)).toBe(text)
    expect(decode(text)).toEqual({ record, version: text })
  })

  it.each([['ada', 0, ''], ['ada', 7, '"epoch":7,'], [undefined, 0, '"epoch":0,']])('leaves out a user\'s first epoch: %s, %d', (userId, epoch, expected) => {
    const record = env.record({ createdAt: 5, name: 'h3', ...userId === undefined ? {} : { userId }, epoch })
    const text = encodeRecord(record)
    expect(text).toContain(`"expiresAt":1924992060000,${expected}"createdAt":5,`)
    expect(decode(text)).toEqual({ record, version: text })
  })

  it('keeps fields of a later version', () => {
    const text = '{"v":1,"lastSeenAt":1924992000000,"expiresAt":1924992060000,"createdAt":5,"data":{},"hasOwnProperty":1,"later":{"a":1}}'
    const found = decode(text)
    expect(found).toMatchObject({ record: { hasOwnProperty: 1, later: { a: 1 } } })
    expect(encodeRecord((found as { record: SessionRecord }).record)).toBe(text)
  })

  it('decodes to the same record', () => {
    const record = env.record({ userId: 'ada', epoch: 3, flash: { a: 1 }, name: 'h3', maxAge: 5, ip: '::1', userAgent: 'x', authenticatedAt: 1, data: { text: 'é\u2028' } })
    for (const own of [record, { ...record, idleTimeout: 5 }, { ...record, idleTimeout: false as const }]) {
      expect(decode(encodeRecord(own))).toMatchObject({ record: own })
      expect(decode(JSON.parse(encodeRecord(own)))).toMatchObject({ record: own })
    }
    for (const idleTimeout of [0, true, '5', null]) expect(decode(encodeRecord({ ...record, idleTimeout: idleTimeout as never }))).toEqual({ malformed: true })
  })
})

describe('JSON in ASCII', () => {
  it('parses to the same value', () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = asciiJson(JSON.stringify(value))
      expect(Buffer.byteLength(json)).toBe(json.length)
      expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value))
    }), { examples: [['é\u2028字😀\uD800']] })
  })
})

describe('a decoded value', () => {
  it('is a tombstone with its reason and its end', () => {
    expect(decode(encodeTombstone({ reason: 'superseded', until: 12.7 }))).toEqual({ dead: 'superseded' })
    expect(decode(encodeTombstone({ reason: 'superseded', until: 12, successor: 'b' }, 'aaaaaa'))).toEqual({ dead: 'superseded', successor: 'b' })
    expect(decode(encodeTombstone({ reason: 'revoked', until: 12 }, 'aaaaaa'))).toEqual({ dead: 'revoked' })
    expect(decode('{"v":1,"dead":"superseded","successor":5}')).toEqual({ dead: 'superseded', successor: undefined })
    expect(decode('{"v":1,"dead":"for a reason of a later version"}')).toEqual({ dead: 'revoked' })
    expect([endOf(encodeTombstone({ reason: 'revoked', until: 12.7 })), endOf(encodeRecord(env.record())), endOf('rubbish'), endOf(null)]).toEqual([12, env.time + 60_000, undefined, undefined])
  })

  it('is malformed if the driver returns no JSON', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (const raw of [cycle, 1n, Symbol('s'), () => 1, new Uint8Array(3), true, 5, []]) expect(decode(raw)).toEqual({ malformed: true })
  })

  it('is undefined if the driver returns nothing', () => {
    expect([decode(undefined), decode(null)]).toEqual([undefined, undefined])
  })

  it('never is an object that the driver keeps', () => {
    const kept = JSON.parse('{"v":1,"lastSeenAt":1,"expiresAt":2,"createdAt":1,"data":{"__proto__":{"a":1}}}')
    const found = decode(kept)
    expect(Object.hasOwn(kept.data, '__proto__')).toBe(true)
    expect(found).toHaveProperty('record.data', {})
  })
})
