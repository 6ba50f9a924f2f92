import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { TOKEN_CACHE_LIMITS, TokenCache, readContent } from '../../src/runtime/core/seal/token-cache'
import type { CachedToken } from '../../src/runtime/core/config/types'

interface Owner { name: string }
type Entry = CachedToken<Owner>

vi.setConfig({ testTimeout: 30_000 })

const OWNER: Owner = { name: 'h3' }
// All of them differ in the six bits that the cache uses as key.
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnoz'

/** Tokens whose MACs differ in the part that the cache uses as key. */
function tokenOf(number: number, body = 'cipher') {
  let digits = ''
  for (let rest = number, at = 0; at < 5; at++, rest = Math.floor(rest / DIGITS.length)) digits = DIGITS[rest % DIGITS.length] + digits
  return `Fe26.2**salt*iv*${body}**salt*${'M'.repeat(37)}${digits}A`
}
const entryOf = (number: number, more: Partial<Entry> = {}): Entry =>
  ({ token: tokenOf(number), owner: OWNER, content: { text: `{"n":${number}}` }, expiration: '', passwordIndex: 0, isFallback: false, ...more })

/** A cache in which the first `count` tokens were seen twice. */
function cacheOf(count: number) {
  const cache = new TokenCache<Owner>()
  const numbers = Array.from({ length: count }, (_, number) => number)
  for (const number of numbers) {
    cache.add(entryOf(number))
    cache.get(tokenOf(number), OWNER)
  }
  return { cache, missing: () => numbers.filter(number => !cache.get(tokenOf(number), OWNER)) }
}

describe('a hit', () => {
  it('returns what was added, each time', () => {
    const { cache } = cacheOf(0)
    const entry = entryOf(1, { expiration: '1700000000000', passwordIndex: 2, isFallback: true })
    cache.add(entry)
    for (let times = 0; times < 4; times++) {
      const found = cache.get(entry.token, OWNER)!
      expect(found).toMatchObject({ token: entry.token, owner: OWNER, expiration: '1700000000000', passwordIndex: 2, isFallback: true })
      expect(readContent(found)).toEqual({ n: 1 })
    }
    expect(cache.size).toBe(1)
  })

  it('compares the whole token, not only its MAC', () => {
    const { cache } = cacheOf(1)
    for (const other of [tokenOf(0, 'other!'), tokenOf(0, 'ciphe'), ` ${tokenOf(0)}`, tokenOf(0).slice(1), tokenOf(0).slice(-43), tokenOf(0).slice(-6)])
      expect(cache.get(other, OWNER)).toBeUndefined()
    expect(readContent(cache.get(tokenOf(0), OWNER)!)).toEqual({ n: 0 })
  })

  it('compares the last character of the token too', () => {
    const { cache } = cacheOf(1)
    for (const end of ['B', '', 'AA']) expect(cache.get(tokenOf(0).slice(0, -1) + end, OWNER)).toBeUndefined()
  })

  it.each([0, 1])('compares the owner by identity, after %i hits', (hits) => {
    const cache = new TokenCache<Owner>()
    cache.add(entryOf(1))
    if (hits > 0) cache.get(tokenOf(1), OWNER)
    expect(cache.get(tokenOf(1), { ...OWNER })).toBeUndefined()
    expect(readContent(cache.get(tokenOf(1), OWNER)!)).toEqual({ n: 1 })
  })

  it.each(['', 'a', 'ab', '*', '😀', 'x'.repeat(20_000)])('does not happen for %#', (token) => {
    expect(cacheOf(3).cache.get(token, OWNER)).toBeUndefined()
  })
})

describe('the content of a token', () => {
  const text = '{"data":{"list":[1,{"a":[null,2.5]}],"text":"ü"},"n":-0}'

  it('is a new copy at each read', () => {
    const { cache } = cacheOf(0)
    cache.add(entryOf(1, { content: { text } }))
    for (let times = 0; times < 5; times++) {
      const value = readContent(cache.get(tokenOf(1), OWNER)!) as { data: { list: { a: unknown[] }[] } }
      expect(value).toEqual(JSON.parse(text))
      value.data.list[1]!.a.push('changed')
      value.data.list.length = 1
      Object.assign(value.data, { list: 'changed' })
    }
  })

  it('is cached as objects from the second hit on, and its size counts as such', () => {
    const { cache } = cacheOf(0)
    const many = JSON.stringify(Array.from({ length: 100 }, () => ({})))
    cache.add(entryOf(1, { content: { text: many } }))
    const bytes = [0, 1, 2, 3].map((hits) => {
      if (hits > 0) cache.get(tokenOf(1), OWNER)
      return cache.bytes
    })
    expect(bytes.slice(0, 2)).toEqual(Array.from({ length: 2 }, () => tokenOf(1).length + 2 * many.length + 200))
    expect(bytes[2]).toBeGreaterThan(100 * 40)
    expect(bytes[3]).toBe(bytes[2])
  })
})

describe('an entry', () => {
  it.each([0, 1, 2])('is gone when it is deleted, after %i hits', (hits) => {
    const { cache } = cacheOf(0)
    cache.add(entryOf(1))
    for (let times = 0; times < hits; times++) cache.get(tokenOf(1), OWNER)
    cache.delete(tokenOf(1))
    expect(cache.get(tokenOf(1), OWNER)).toBeUndefined()
    expect([cache.size, cache.bytes]).toEqual([0, 0])
  })

  it('replaces the entry of another owner', () => {
    const { cache } = cacheOf(1)
    const other = { name: 'other' }
    cache.add(entryOf(0, { owner: other, content: { text: '{}' } }))
    expect(cache.get(tokenOf(0), OWNER)).toBeUndefined()
    expect(cache.get(tokenOf(0), other)).toMatchObject({ content: { text: '{}' } })
    expect(cache.size).toBe(1)
  })
})

describe('a flood of 100,000 new tokens', () => {
  it.each([['alone', 0], ['between visits of the others', 1]])('%s evicts no token that was seen twice', (_, visits) => {
    const { cache, missing } = cacheOf(750)
    expect(missing()).toEqual([])
    for (let number = 0; number < 100_000; number++) {
      cache.get(tokenOf(1000 + number), OWNER)
      cache.add(entryOf(1000 + number))
      if (visits) cache.get(tokenOf(number % 750), OWNER)
    }
    expect(cache.isSampling).toBe(visits === 0)
    expect(missing()).toEqual([])
    expect(cache.size).toBeLessThanOrEqual(1000)
  })

  it('leaves room for new tokens', () => {
    const { cache } = cacheOf(750)
    for (let number = 0; number < 10_000; number++) {
      cache.add(entryOf(1000 + number))
      expect(cache.get(tokenOf(1000 + number), OWNER)).toBeDefined()
    }
  })
})

describe('the limits', () => {
  it('are 1000 entries and 4 MiB', () => {
    expect(TOKEN_CACHE_LIMITS).toEqual({ maxEntries: 1000, maxBytes: 4_194_304 })
  })

  it('leave a quarter of the entries to tokens seen once', () => {
    const once = new TokenCache<Owner>()
    for (let number = 0; number < 1000; number++) once.add(entryOf(number))
    expect(once.size).toBe(250)
    const { cache } = cacheOf(2000)
    expect(cache.size).toBe(750)
    for (let number = 2000; number < 2500; number++) cache.add(entryOf(number))
    expect(cache.size).toBe(1000)
  })

  it('count the bytes of token and text, and the last tokens stay', () => {
    const cache = new TokenCache<Owner>()
    const text = JSON.stringify({ filler: 'x'.repeat(10_000) })
    for (let number = 0; number < 200; number++) cache.add(entryOf(number, { content: { text } }))
    const bytes = tokenOf(0).length + 2 * text.length + 200
    expect([cache.size, cache.bytes]).toEqual([Math.floor(1024 * 1024 / bytes), Math.floor(1024 * 1024 / bytes) * bytes])
    expect(cache.get(tokenOf(199), OWNER)).toBeDefined()
    expect(cache.get(tokenOf(0), OWNER)).toBeUndefined()
  })

  it('exclude an entry that is larger than the cache', () => {
    const { cache, missing } = cacheOf(3)
    cache.add(entryOf(9, { content: { text: 'x'.repeat(600_000) } }))
    expect([cache.size, missing()]).toEqual([3, []])
  })

  it('hold under any use, and a hit always returns what was added last', () => {
    const owners = [OWNER, { name: 'other' }]
    const step = fc.record({
      do: fc.constantFrom('add', 'add', 'get', 'get', 'get', 'delete', 'flood'),
      number: fc.nat(30), owner: fc.nat(1), length: fc.constantFrom(0, 100, 10_000, 300_000),
    })
    fc.assert(fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const cache = new TokenCache<Owner>()
      const added = new Map<string, Entry>()
      let fresh = 1000
      const add = (entry: Entry) => {
        cache.add(entry)
        added.set(entry.token, entry)
      }
      for (const { do: what, number, owner, length } of steps) {
        const text = JSON.stringify('x'.repeat(length))
        if (what === 'add') add(entryOf(number, { owner: owners[owner]!, content: { text } }))
        if (what === 'flood') for (let times = 0; times < 20; times++) add(entryOf(fresh++, { content: { text } }))
        if (what === 'get') {
          const found = cache.get(tokenOf(number), owners[owner]!)
          if (found) expect(found).toEqual(added.get(tokenOf(number)))
          expect(found?.owner ?? owners[owner]).toBe(owners[owner])
        }
        if (what === 'delete') {
          cache.delete(tokenOf(number))
          added.delete(tokenOf(number))
          for (const each of owners) expect(cache.get(tokenOf(number), each)).toBeUndefined()
        }
        expect(cache.size).toBeLessThanOrEqual(1000)
        expect(cache.bytes).toBeLessThanOrEqual(4_194_304)
        expect(cache.bytes).toBeGreaterThanOrEqual(cache.size * 200)
      }
      for (const number of Array.from({ length: 31 }, (_, index) => index)) cache.delete(tokenOf(number))
      for (let number = 1000; number < fresh; number++) cache.delete(tokenOf(number))
      expect([cache.size, cache.bytes]).toEqual([0, 0])
    }), { numRuns: 150 })
  })
})

describe('if tokens do not come again', () => {
  /** A cache that has only seen new tokens. */
  function sampling() {
    const cache = new TokenCache<Owner>()
    let next = 0
    const addNew = (count: number) => {
      const numbers = Array.from({ length: count }, () => next++)
      for (const number of numbers) cache.add(entryOf(number))
      return numbers
    }
    addNew(1024)
    return { cache, addNew, hitsAmong: (numbers: number[]) => numbers.filter(number => cache.get(tokenOf(number), OWNER)).length }
  }

  it('the cache keeps only a sample after 1024 fills without a hit', () => {
    const cache = new TokenCache<Owner>()
    for (let number = 0; number < 1023; number++) cache.add(entryOf(number))
    expect(cache.isSampling).toBe(false)
    cache.add(entryOf(1023))
    expect(cache.isSampling).toBe(true)
  })

  it('the sample is not empty, and small', () => {
    const { cache, addNew, hitsAmong } = sampling()
    const hits = hitsAmong(addNew(1000))
    expect(hits).toBeGreaterThan(10)
    expect(hits).toBeLessThan(125)
    expect(cache.size).toBeLessThanOrEqual(250 + hits)
  })

  it('existing entries stay', () => {
    const { cache, missing } = cacheOf(100)
    for (let number = 1000; number < 5000; number++) cache.add(entryOf(number))
    expect(cache.isSampling).toBe(true)
    expect(missing()).toEqual([])
  })

  it('the cache continues to sample', () => {
    const { cache, addNew } = sampling()
    for (let times = 0; times < 100; times++) {
      addNew(100)
      expect(cache.isSampling).toBe(true)
    }
  })

  it('the cache keeps all again as soon as tokens come again', () => {
    const { cache, addNew, hitsAmong } = sampling()
    for (let times = 0; times < 10; times++) {
      const numbers = addNew(200)
      hitsAmong(numbers)
      hitsAmong(numbers)
    }
    expect(cache.isSampling).toBe(false)
    expect(hitsAmong(addNew(200))).toBe(200)
  })

  it.each<[is: boolean, visits: number]>([[true, 0.5], [false, 1]])('the cache samples: %s, if each token comes %d more times', (is, visits) => {
    const cache = new TokenCache<Owner>()
    for (let number = 0; number < 3000; number++) {
      cache.add(entryOf(number))
      if (number * visits % 1 === 0) cache.get(tokenOf(number), OWNER)
    }
    expect(cache.isSampling).toBe(is)
  })
})
