import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { copyJson, copyPlain, sizeOfJson } from '../../src/runtime/core/json'

/** Every object and array in a value. */
function objectsIn(value: unknown): object[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : []
}

describe('a copy of JSON', () => {
  it('says the same in the same order and shares nothing', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const parsed: unknown = JSON.parse(JSON.stringify(value))
      const copy = copyJson(parsed)
      expect(copy).toEqual(parsed)
      expect(JSON.stringify(copy)).toBe(JSON.stringify(parsed))
      const [originals, copies] = [new Set(objectsIn(parsed)), objectsIn(copy)]
      expect(copies.filter(each => originals.has(each))).toEqual([])
      for (const each of copies) expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(each))
    }), { numRuns: 500 })
  })

  it('bears what is as deep as may be sealed', () => {
    const text = `${'[{"a":'.repeat(255)}1${'}]'.repeat(255)}`
    expect(JSON.stringify(copyJson(JSON.parse(text)))).toBe(text)
  })

  describe('where somebody added to Object.prototype', () => {
    afterEach(() => { Reflect.deleteProperty(Object.prototype, 'added') })

    it('has nothing of it', () => {
      Object.assign(Object.prototype, { added: { all: true } })
      expect(Object.keys(copyJson({ a: { b: 1 } }))).toEqual(['a'])
      expect(Object.hasOwn(copyJson({ a: 1 }), 'added')).toBe(false)
    })
  })
})

describe('a copy of what is plain', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)

  /** The levels of `[[…]]`. */
  const nested = (depth: number): unknown => Array.from({ length: depth }).reduce(inner => [inner], 1)

  it('is what JSON gives back, in the same order, and shares nothing', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => {
      // Without the -0 that a text may hold.
      const value: unknown = JSON.parse(JSON.stringify(JSON.parse(text)))
      const copy = copyPlain(value)
      expect(copy).toStrictEqual(value)
      expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
      const originals = new Set(objectsIn(value))
      expect(objectsIn(copy).filter(each => originals.has(each))).toEqual([])
    }), { numRuns: 500 })
  })

  it('is what JSON gives back of any value, or none', () => {
    const anything = fc.anything({ withNullPrototype: true, withSparseArray: true, withBoxedValues: true, withDate: true, withMap: true, withBigInt: true })
    fc.assert(fc.property(anything, (value) => {
      const copy = copyPlain(value)
      if (copy !== undefined) expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)))
    }), { numRuns: 2000 })
  })

  it.each<[what: string, value: unknown]>([
    ['text, numbers, booleans and null', ['', 'ä\uD800', 0, -1.5, 1e21, true, false, null]],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['the same object twice', (({ ...one }) => ({ one, two: one, list: [one] }))({ a: 1 })],
    ['what is computed when it is read', { get now() { return 5 } }],
    ['what is not enumerable', Object.defineProperty({ a: 1 }, 'hidden', { value: () => 1 })],
    ['a list with more than its elements', Object.assign([1], { more: 1 })],
    ['32 levels', nested(32)],
  ])('is made of %s', (_, value) => {
    expect(copyPlain(value)).toStrictEqual(JSON.parse(JSON.stringify(value)))
  })

  it.each<[what: string, value: unknown]>([
    ['undefined', { a: undefined }],
    ['undefined in a list', [undefined]],
    ['a hole in a list', Object.assign([], { 1: 'a' })],
    ['-0, which JSON writes as 0', [-0]],
    ['numbers that are none', [Number.NaN]],
    ['what has toJSON', { at: new Date(0) }],
    ['a list that has toJSON', Object.assign([1], { toJSON: () => 'x' })],
    ['a key that is a symbol', { [Symbol('s')]: 1 }],
    ['a symbol', [Symbol('s')]],
    ['a bigint', [1n]],
    ['a function', [() => 1]],
    ['a boxed value', [Object('text')]],
    ['an object of a class', new (class Point { x = 1 })()],
    ['a list of a class', new (class List extends Array {})()],
    ['a map', [new Map()]],
    ['many levels', nested(40)],
    ['what contains itself', cycle],
  ])('is not made of %s', (_, value) => {
    expect(copyPlain(value)).toBeUndefined()
  })

  it('reads everything once', () => {
    let reads = 0
    const copy = copyPlain({ inner: { get count() { return ++reads } } })
    expect([copy, reads]).toEqual([{ inner: { count: 1 } }, 1])
  })

  describe('where somebody added to Object.prototype', () => {
    afterEach(() => { Reflect.deleteProperty(Object.prototype, 'added') })

    it.each([[{ all: true }], [() => 1], [1]])('has nothing of it: %s', (added) => {
      Object.assign(Object.prototype, { added })
      const copy = copyPlain({ a: { b: 1 } })
      for (const each of objectsIn(copy)) expect(Object.hasOwn(each, 'added')).toBe(false)
    })
  })
})

describe('the size of JSON', () => {
  it.each([1, 2.5, true, null])('of %s is a pointer', (value) => {
    expect(sizeOfJson(value)).toBe(8)
  })

  it('grows with every element, key and character', () => {
    const sizes = ['', 'a', [], [1], [1, []], {}, { a: 1 }, { ab: 1 }, { ab: {} }].map(sizeOfJson)
    expect(sizes).toEqual([24, 26, 48, 64, 120, 40, 73, 74, 106])
  })
})
