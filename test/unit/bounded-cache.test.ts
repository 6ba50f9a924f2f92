import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedCache } from '../../src/runtime/core/utils/bounded-cache'
import type { CacheLimits } from '../../src/runtime/core/utils/bounded-cache'

interface ModelEntry { key: string, value: number, bytes: number, isUsed: boolean }

/** The same cache as a simple list, oldest first. */
class Model {
  list: ModelEntry[] = []
  constructor(private readonly limits: Required<CacheLimits>) {}

  get bytes() { return this.list.reduce((sum, entry) => sum + entry.bytes, 0) }

  get(key: string) {
    const entry = this.list.find(entry => entry.key === key)
    if (entry) entry.isUsed = true
    return entry?.value
  }

  delete(key: string) {
    this.list = this.list.filter(entry => entry.key !== key)
  }

  set(key: string, value: number, bytes: number) {
    this.delete(key)
    if (bytes > this.limits.maxBytes) return
    while (this.list.length + 1 > this.limits.maxEntries || this.bytes + bytes > this.limits.maxBytes) {
      const oldest = this.list.shift()!
      if (oldest.isUsed) this.list.push({ ...oldest, isUsed: false })
    }
    this.list.push({ key, value, bytes, isUsed: false })
  }
}

const key = fc.constantFrom(...'abcdefghij')
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, value: fc.nat(), bytes: fc.nat(12) }),
  fc.record({ do: fc.constant('get' as const), key }),
  fc.record({ do: fc.constant('delete' as const), key }),
)

function cacheOf(keys: string[], limits: Partial<CacheLimits> = {}) {
  const cache = new BoundedCache<string, string>({ maxEntries: 3, maxBytes: 100, ...limits })
  for (const key of keys) cache.set(key, key.toUpperCase(), 10)
  return cache
}
const kept = (cache: BoundedCache<string, string>, keys: string) => [...keys].filter(key => cache.get(key) !== undefined).join('')

describe('a bounded cache', () => {
  it('behaves like a simple list, and keeps its limits', () => {
    const limits = fc.record({ maxEntries: fc.integer({ min: 1, max: 6 }), maxBytes: fc.nat(40) })
    fc.assert(fc.property(limits, fc.array(step, { maxLength: 80 }), (limits, steps) => {
      const cache = new BoundedCache<string, number>(limits)
      const model = new Model(limits)
      for (const step of steps) {
        if (step.do === 'get') expect(cache.get(step.key)).toBe(model.get(step.key))
        if (step.do === 'delete') [cache, model].forEach(each => each.delete(step.key))
        if (step.do === 'set') [cache, model].forEach(each => each.set(step.key, step.value, step.bytes))
        expect([cache.size, cache.bytes]).toEqual([model.list.length, model.bytes])
        expect(cache.size).toBeLessThanOrEqual(limits.maxEntries)
        expect(cache.bytes).toBeLessThanOrEqual(limits.maxBytes)
      }
      for (const key of 'abcdefghij') expect(cache.get(key)).toBe(model.get(key))
    }), { numRuns: 1000 })
  })

  it('evicts the oldest entry first', () => {
    expect(kept(cacheOf(['a', 'b', 'c', 'd']), 'abcd')).toBe('bcd')
  })

  it('gives a used entry a second chance, but no third', () => {
    const cache = cacheOf(['a', 'b', 'c'])
    cache.get('a')
    cache.set('d', 'D', 10)
    cache.set('e', 'E', 10)
    cache.set('f', 'F', 10)
    expect(kept(cache, 'abcdef')).toBe('def')
  })

  it('evicts the oldest entry if all were used', () => {
    const cache = cacheOf(['a', 'b', 'c'])
    expect(kept(cache, 'abc')).toBe('abc')
    cache.set('d', 'D', 10)
    expect(kept(cache, 'abcd')).toBe('bcd')
  })

  it('evicts as many as a large entry needs', () => {
    const cache = cacheOf(['a', 'b', 'c'], { maxBytes: 30 })
    cache.set('d', 'D', 15)
    expect([kept(cache, 'abcd'), cache.bytes]).toEqual(['cd', 25])
  })

  it('does not add an entry larger than itself, and evicts only the entry with the same key', () => {
    const cache = cacheOf(['a', 'b'], { maxBytes: 30 })
    cache.set('c', 'C', 31)
    expect([kept(cache, 'abc'), cache.bytes]).toEqual(['ab', 20])
    cache.set('a', 'A2', 31)
    expect([kept(cache, 'abc'), cache.bytes]).toEqual(['b', 10])
    cache.set('c', 'C', 30)
    expect([kept(cache, 'abc'), cache.bytes]).toEqual(['c', 30])
  })

  it('counts an entry once if it is set again', () => {
    const cache = cacheOf(['a', 'a', 'a'])
    expect([cache.size, cache.bytes]).toEqual([1, 10])
  })
})
