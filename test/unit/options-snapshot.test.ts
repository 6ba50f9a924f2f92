import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sameOptions, snapshotOf } from '../../src/runtime/core/config/cache'

const FUNCTIONS = [() => 'one', () => 'one']
/** Options like those of apps, with few keys, so that two are often equal. */
const options = fc.letrec(tie => ({
  tree: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('list'), tie('record')),
  leaf: fc.oneof(fc.constantFrom<unknown>(undefined, null, '', 'a', 0, 1, true, false, ...FUNCTIONS), fc.constantFrom(1, 2).map(time => new Date(time))),
  list: fc.array(tie('tree'), { maxLength: 3 }),
  record: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('tree'), { maxKeys: 3, noNullPrototype: true }),
})).record

/** Freezes all levels. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

describe('options equal a snapshot', () => {
  it('exactly if a deep comparison finds no difference', () => {
    fc.assert(fc.property(options, options, (one, other) => {
      expect(sameOptions(one, snapshotOf(other))).toBe(isDeepStrictEqual(one, other))
    }), { numRuns: 5000 })
  })

  it('if it is their own, or that of a copy', () => {
    fc.assert(fc.property(options, (one) => {
      expect(sameOptions(one, snapshotOf(one))).toBe(true)
      expect(sameOptions(snapshotOf(one), snapshotOf(one))).toBe(true)
    }))
  })

  it.each<[one: object, other: object]>([
    [{ maxAge: undefined }, { password: 'a' }],
    [{ maxAge: undefined }, {}],
    [{ name: 'a', maxAge: undefined }, { name: 'a', password: 'b' }],
    [{ password: ['a'] }, { password: ['a', 'b'] }],
    [{ password: ['a', 'b'] }, { password: ['a'] }],
    [{ password: ['a'] }, { password: 'a' }],
    [{ password: ['a'] }, { password: { 0: 'a' } }],
    [{ cookie: { path: '/' } }, { cookie: { path: '/a' } }],
    [{ cookie: {} }, { cookie: new Map() }],
    [{ cookie: { expires: new Date(1) } }, { cookie: { expires: {} } }],
    [{ maxAge: 1 }, { maxAge: '1' }],
    [{ maxAge: null }, { maxAge: undefined }],
    [{ constructor: Object }, {}],
    [{ toString: Object.prototype.toString }, { name: 'a' }],
  ])('never: %o and %o', (one, other) => {
    expect(sameOptions(one, snapshotOf(other))).toBe(false)
    expect(sameOptions(other, snapshotOf(one))).toBe(false)
  })

  it('with a function only if it is the same function', () => {
    const [one, other] = FUNCTIONS
    expect(sameOptions({ generateId: one }, snapshotOf({ generateId: one }))).toBe(true)
    expect(sameOptions({ generateId: other }, snapshotOf({ generateId: one }))).toBe(false)
  })

  it('with a Crypto only if it is the same object, which is not copied', () => {
    const snapshot = snapshotOf({ crypto: globalThis.crypto })
    expect(snapshot.crypto).toBe(globalThis.crypto)
    expect(sameOptions({ crypto: globalThis.crypto }, snapshot)).toBe(true)
    expect(sameOptions({ crypto: Object.create(globalThis.crypto) as Crypto }, snapshot)).toBe(false)
  })

  it('with dates of the same time', () => {
    const snapshot = snapshotOf({ cookie: { expires: new Date(1) } })
    expect(sameOptions({ cookie: { expires: new Date(1) } }, snapshot)).toBe(true)
    expect(sameOptions({ cookie: { expires: new Date(2) } }, snapshot)).toBe(false)
  })
})

describe('a snapshot', () => {
  it('differs from the options after any change', () => {
    const change = fc.constantFrom<(tree: Record<string, unknown>) => void>(
      tree => tree.a = 'changed',
      tree => tree.more = undefined,
      tree => Reflect.deleteProperty(tree, 'list'),
      tree => (tree.list as unknown[]).push(undefined),
      tree => (tree.list as unknown[]).length = 0,
      tree => (tree.date as Date).setTime(5),
      tree => (tree.deep as Record<string, unknown>).date = new Date(5),
      tree => ((tree.deep as Record<string, Date>).date!).setTime(5),
    )
    fc.assert(fc.property(options, change, (base, change) => {
      const tree: Record<string, unknown> = { ...base, list: [1], date: new Date(1), deep: { date: new Date(1) } }
      const snapshot = snapshotOf(tree)
      change(tree)
      expect(sameOptions(tree, snapshot)).toBe(false)
    }))
  })

  it('is the object itself if all its levels are frozen', () => {
    const frozen = freeze({ name: 'h3', cookie: { path: '/' }, password: ['a', 'b'], generateId: FUNCTIONS[0] })
    expect(snapshotOf(frozen)).toBe(frozen)
  })

  it('is a copy if any level is not frozen', () => {
    for (const options of [Object.freeze({ cookie: { path: '/' } }), Object.freeze({ password: ['a'] }), Object.freeze({ date: Object.freeze(new Date(1)) }), { name: 'h3' }])
      expect(snapshotOf(options)).not.toBe(options)
  })

  it('of a frozen date is a copy, because its time can still be set', () => {
    const options = freeze({ cookie: { expires: new Date(1) } })
    const snapshot = snapshotOf(options)
    options.cookie.expires.setTime(2)
    expect(sameOptions(options, snapshot)).toBe(false)
  })

  it('is compared by identity if it is the object itself', () => {
    let reads = 0
    const frozen = Object.freeze({ get name() {
      reads++
      return 'h3'
    } })
    const snapshot = snapshotOf(frozen)
    reads = 0
    expect(sameOptions(frozen, snapshot)).toBe(true)
    expect(reads).toBe(0)
  })

  it.each([undefined, null, 5, 'text', FUNCTIONS[0]])('of %o is the same value', (value) => {
    expect(snapshotOf(value)).toBe(value)
  })
})
