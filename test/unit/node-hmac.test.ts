import { Buffer } from 'node:buffer'
import * as crypto from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createKeyedHashes } from '../../src/runtime/server/node-hmac'

type Runtime = Parameters<typeof createKeyedHashes>[0]

const runtime = (changes: Partial<Runtime> = {}) => ({ ...crypto, hash: crypto.hash as Runtime['hash'], Buffer, ...changes })
/** The hashes, with the calls of the objects that they are to do without. */
function createWatched(changes: Partial<Runtime> = {}) {
  const [createHmac, pbkdf2Sync] = [vi.fn(crypto.createHmac), vi.fn(crypto.pbkdf2Sync)]
  const hashes = createKeyedHashes(runtime({ createHmac, pbkdf2Sync, ...changes }))
  const take = () => [createHmac, pbkdf2Sync].map((spy) => {
    const { length } = spy.mock.calls
    spy.mockClear()
    return length
  })
  take()
  return { ...hashes, take }
}

const { mac, deriveSync } = createKeyedHashes(runtime())
const expectedMac = (text: string, key: Uint8Array) => crypto.createHmac('sha256', key).update(text).digest('base64url')
const expectedKey = (password: string, salt: string, iterations = 1) => crypto.pbkdf2Sync(password, salt, iterations, 32, 'sha1')

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('\uD800', '\uDFFF', 'ä', '\0', 'a'), maxLength: 300 }))
const key = fc.uint8Array({ maxLength: 80 })

describe('a MAC', () => {
  it('is what createHmac makes, whatever was made before', () => {
    fc.assert(fc.property(fc.array(fc.tuple(text, key), { minLength: 1, maxLength: 5 }), (pairs) => {
      for (const [text, key] of pairs) expect(mac(text, key)).toBe(expectedMac(text, key))
    }), { numRuns: 2000 })
  })

  it.each([0, 1, 31, 32, 33, 63, 64, 65, 128])('is what createHmac makes with a key of %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(0xA5)
    for (const text of ['', 'a', 'ä'.repeat(700)]) expect(mac(text, bytes)).toBe(expectedMac(text, bytes))
  })

  it.each([5458, 5459, 5460, 5461, 5462, 16_384, 60_000])('is what createHmac makes of %i characters, of whichever size', (length) => {
    const bytes = new Uint8Array(32).fill(7)
    for (const unit of ['x', 'ä', '\u2028', '\uD800']) expect(mac(unit.repeat(length), bytes)).toBe(expectedMac(unit.repeat(length), bytes))
  })
})

describe('a key of one iteration', () => {
  it('is what pbkdf2Sync derives, whatever was derived before', () => {
    fc.assert(fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (pairs) => {
      for (const [password, salt] of pairs) expect(Buffer.from(deriveSync(password, salt, 1))).toEqual(expectedKey(password, salt))
    }), { numRuns: 2000 })
  })

  it.each([0, 1, 32, 63, 64, 65, 200])('is what pbkdf2Sync derives of a password with %i bytes', (length) => {
    for (const unit of ['x', '\u0000']) expect(Buffer.from(deriveSync(unit.repeat(length), 'salt', 1))).toEqual(expectedKey(unit.repeat(length), 'salt'))
  })

  it.each([0, 1, 64, 5458, 5460, 5461, 16_380, 16_384, 40_000])('is what pbkdf2Sync derives with a salt of %i characters', (length) => {
    for (const unit of ['a', 'ä', '\u2028']) expect(Buffer.from(deriveSync('password', unit.repeat(length), 1))).toEqual(expectedKey('password', unit.repeat(length)))
  })

  it('is a key of its own: none changes when the next is derived', () => {
    const keys = Array.from({ length: 20 }, (_, index) => deriveSync('password', `${index}`, 1))
    keys.forEach((key, index) => expect(Buffer.from(key)).toEqual(expectedKey('password', `${index}`)))
  })
})

it.each([2, 8192])('a key of %i iterations is what pbkdf2Sync derives', (iterations) => {
  expect(Buffer.from(deriveSync('password', 'salt', iterations))).toEqual(expectedKey('password', 'salt', iterations))
})

describe('a runtime that hashes in one call', () => {
  it('makes no objects for what a session needs', () => {
    const { mac, deriveSync, take } = createWatched()
    mac('text', deriveSync('password', 'salt', 1))
    expect(take()).toEqual([0, 0])
  })

  it.each<[what: string, hash: Runtime['hash']]>([
    ['not at all', undefined],
    ['wrongly', () => 'x'.repeat(20)],
    ['with another form of the answer', (algorithm, data) => crypto.hash(algorithm, data, 'hex')],
    ['by throwing', () => { throw new TypeError('unknown encoding') }],
  ])('%s is asked for objects', (_, hash) => {
    const { mac, deriveSync, take } = createWatched({ hash })
    const key = deriveSync('password', 'salt', 1)
    expect(Buffer.from(key)).toEqual(expectedKey('password', 'salt'))
    expect(mac('text', key)).toBe(expectedMac('text', key))
    expect(take()).toEqual([1, 1])
  })
})
