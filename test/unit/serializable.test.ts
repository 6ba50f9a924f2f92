import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertSerializable } from '../../src/runtime/core/model/serializable'
import { shortPath } from '../../src/runtime/core/model/short-path'

class Point { constructor(readonly x: number) {} }
class Money { constructor(readonly cents: unknown) {} toJSON() { return { cents: this.cents } } }

class Itself { constructor(readonly inner: unknown) {} toJSON() { return this } }

class Secret {
  readonly #value = 1
  get value() { return this.#value }
}

/** An object whose toJSON returns an array with the object. */
function selfReturning() {
  const m: { toJSON: () => unknown } = { toJSON: () => [m] }
  return { m }
}

function cycle() {
  const user: Record<string, unknown> = { name: 'ada' }
  user.friends = [user]
  return { user }
}

describe('data that JSON keeps', () => {
  const shared = { a: 1 }
  it.each<[what: string, value: unknown]>([
    ['plain values', { text: '', number: -1.5, yes: true, none: null, list: [1, ['a']], deep: { deeper: {} } }],
    ['undefined, which means no key', { a: undefined }],
    ['a Date', { at: new Date(0) }],
    ['a Date that is invalid', { at: new Date('x') }],
    ['objects with toJSON', { price: new Money(5), url: new URL('http://localhost') }],
    ['a class without methods', { at: new Point(1) }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['boxed values', { a: new Number(1), b: new String(''), c: new Boolean(false) }],
    ['a toJSON that returns the object itself', { a: new Itself(1) }],
    ['a query of h3, whose prototype is an empty object', { query: Object.create(Object.create(null) as object) as object }],
    ['an object of another realm', { other: runInNewContext('({ a: 1, empty: {} })') as object }],
    ['the same object twice', { one: shared, two: shared, list: [shared, shared] }],
  ])('is accepted: %s', (_, value) => {
    expect(() => assertSerializable(value, 'data')).not.toThrow()
  })
})

describe('data that JSON would lose', () => {
  it.each<[message: string, value: unknown]>([
    ['data.fn is a function', { fn: () => 1 }],
    ['data.s is a symbol', { s: Symbol('s') }],
    ['data has a symbol as a key', { [Symbol('s')]: 1 }],
    ['data.n is a bigint', { n: 1n }],
    ['data.n is NaN', { n: Number.NaN }],
    ['data.n is Infinity', { n: Infinity }],
    ['data.n is -Infinity', { n: -Infinity }],
    ['data.m is of type Map', { m: new Map() }],
    ['data.m is of type Set', { m: new Set() }],
    ['data.m is of type WeakMap', { m: new WeakMap() }],
    ['data.m is of type RegExp', { m: /x/ }],
    ['data.m is of type Error', { m: new TypeError('x') }],
    ['data.m is of type Promise', { m: Promise.resolve() }],
    ['data.m is of type Uint8Array', { m: new Uint8Array(1) }],
    ['data.m is of type ArrayBuffer', { m: new ArrayBuffer(1) }],
    ['data.m is of type URLSearchParams', { m: new URLSearchParams('a=1') }],
    ['data.m is of type Headers', { m: new Headers({ a: '1' }) }],
    ['data.m is of type FormData', { m: new FormData() }],
    ['data.m is of type Map Iterator', { m: new Map([[1, 2]]).values() }],
    ['data.m is of type Generator', { m: (function* () { yield 1 })() }],
    ['data.m is of type Intl.NumberFormat', { m: new Intl.NumberFormat('en') }],
    ['data.m is of type Secret', { m: new Secret() }],
    ['data.m is of type Map', { m: new (class extends Map { toJSON() { return this } })() }],
    ['data.m.inner is a bigint', { m: new Itself(1n) }],
    ['data.m.toJSON is a function', { m: { toJSON: () => ({ toJSON: () => 'not asked' }) } }],
    ['data.m[0] contains itself', selfReturning()],
    ['data.user.tags[1].at is of type Map', { user: { tags: [1, { at: new Map() }] } }],
    ['data.price.cents is a bigint', { price: new Money(5n) }],
    ['data.user.friends[0] contains itself', cycle()],
  ])('throws with its path: %s', (message, value) => {
    expect(() => assertSerializable(value, 'data')).toThrow(`SESSION_NOT_SERIALIZABLE: ${message}, which JSON loses.`)
  })

  it('throws with code and status', () => {
    expect(() => assertSerializable(1n, 'data')).toThrow(expect.objectContaining({ code: 'SESSION_NOT_SERIALIZABLE', statusCode: 500 }))
  })
})

it('reports the path of values that JSON keeps in another form', () => {
  const reported: string[] = []
  const data = { plain: { a: 1 }, at: new Date(0), list: [{ point: new Point(1) }], url: new URL('http://localhost'), empty: Object.create(null) as object }
  assertSerializable(data, 'data', (path, type) => reported.push(`${path} ${type}`))
  expect(reported).toEqual(['data.at Date', 'data.list[0].point Point', 'data.url URL'])
})

it('throws its own error for data that is much too deep', () => {
  let deep: Record<string, unknown> = {}
  for (let level = 0; level < 20_000; level++) deep = { deep }
  expect(() => assertSerializable(deep, 'data')).toThrow(expect.objectContaining({ code: 'SESSION_NOT_SERIALIZABLE' }))
})

describe('the short check of plain data', () => {
  const odd = fc.constantFrom<unknown>(
    undefined, Number.NaN, -Infinity, 1n, Symbol('s'), () => 1, new Map(), new Set(), /x/, new Date(0), new Point(1), new Money(1n), new Money(1),
    new Uint8Array(1), Object.create(null), new URLSearchParams('a'), new Secret(), new Itself(1n), Object.create({ inherited: 1n }), { toJSON: () => 1n }, { [Symbol('s')]: 1 }, Object.assign([1], { [Symbol('s')]: 1 }),
    Object.assign([1], { toJSON: () => new Map() }), new Proxy({}, {}), cycle(), new Error('x'), Object.assign([], { length: 2 }),
  )
  const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
    tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, fc.jsonValue(), odd, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 })),
  }))
  const outcome = (value: unknown) => {
    try {
      assertSerializable(value, 'data')
    }
    catch (error) {
      return (error as Error).message
    }
  }

  it('gives the same result', () => {
    fc.assert(fc.property(tree, (value) => {
      // A Date is not plain data, so this takes the long check.
      expect(outcome({ value })).toBe(outcome({ value, date: new Date(0) }))
    }), { numRuns: 3000 })
  })

  it.each([1, 31, 32, 33, 34, 498])('gives the same result %i levels deep', (levels) => {
    const nested = (value: unknown) => Array.from({ length: levels }).reduce<unknown>(value => ({ deep: value }), value)
    expect(outcome(nested('text'))).toBeUndefined()
    expect(outcome(nested(1n))).toContain(`${shortPath(`data${'.deep'.repeat(levels)}`)} is a bigint`)
  })
})
