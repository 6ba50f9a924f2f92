import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { copyJson, sizeOfJson } from '../../src/runtime/core/seal/token-cache'

/** Every object and array in a value. */
function objectsIn(value: unknown): object[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : []
}

describe('a copy of JSON', () => {
  it('has the same content in the same order and shares no object', () => {
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

  it('can be as deep as a sealed session', () => {
    const text = `${'[{"a":'.repeat(255)}1${'}]'.repeat(255)}`
    expect(JSON.stringify(copyJson(JSON.parse(text)))).toBe(text)
  })

  describe('if something was added to Object.prototype', () => {
    afterEach(() => { Reflect.deleteProperty(Object.prototype, 'added') })

    it('does not contain it', () => {
      Object.assign(Object.prototype, { added: { all: true } })
      expect(Object.keys(copyJson({ a: { b: 1 } }))).toEqual(['a'])
      expect(Object.hasOwn(copyJson({ a: 1 }), 'added')).toBe(false)
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
