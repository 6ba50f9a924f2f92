import { Buffer } from 'node:buffer'
import * as crypto from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createKeyedHashes } from '../../src/runtime/server/crypto/node-hmac'

type Runtime = Parameters<typeof createKeyedHashes>[0]

const runtime = (changes: Partial<Runtime> = {}) => ({ ...crypto, hash: crypto.hash as Runtime['hash'], Buffer, ...changes })
/** The hashes, with a count of the objects that they create. */
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
  it('is the one of createHmac, whatever was hashed before', () => {
    fc.assert(fc.property(fc.array(fc.tuple(text, key), { minLength: 1, maxLength: 5 }), (pairs) => {
      for (const [text, key] of pairs) expect(mac(text, key)).toBe(expectedMac(text, key))
    }), { numRuns: 2000 })
  })

  it.each([0, 1, 31, 32, 33, 63, 64, 65, 128])('is the one of createHmac with a key of %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(0xA5)
    for (const text of ['', 'a', 'ä'.repeat(700)]) expect(mac(text, bytes)).toBe(expectedMac(text, bytes))
  })

  it.each([5458, 5459, 5460, 5461, 5462, 16_384, 60_000])('is the one of createHmac for %i characters of any size', (length) => {
    const bytes = new Uint8Array(32).fill(7)
    for (const unit of ['x', 'ä', '\u2028', '\uD800']) expect(mac(unit.repeat(length), bytes)).toBe(expectedMac(unit.repeat(length), bytes))
  })
})

describe('a key of one iteration', () => {
  it('is the one of pbkdf2Sync, whatever was derived before', () => {
    fc.assert(fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (pairs) => {
      for (const [password, salt] of pairs) expect(Buffer.from(deriveSync(password, salt, 1))).toEqual(expectedKey(password, salt))
    }), { numRuns: 2000 })
  })

  it.each([0, 1, 32, 63, 64, 65, 200])('is the one of pbkdf2Sync for a password of %i bytes', (length) => {
    for (const unit of ['x', '\u0000']) expect(Buffer.from(deriveSync(unit.repeat(length), 'salt', 1))).toEqual(expectedKey(unit.repeat(length), 'salt'))
  })

  it.each([0, 1, 64, 5458, 5460, 5461, 16_380, 16_384, 40_000])('is the one of pbkdf2Sync for a salt of %i characters', (length) => {
    for (const unit of ['a', 'ä', '\u2028']) expect(Buffer.from(deriveSync('password', unit.repeat(length), 1))).toEqual(expectedKey('password', unit.repeat(length)))
  })

  it('does not change when the next key is derived', () => {
    const keys = Array.from({ length: 20 }, (_, index) => deriveSync('password', `${index}`, 1))
    keys.forEach((key, index) => expect(Buffer.from(key)).toEqual(expectedKey('password', `${index}`)))
  })
})

it.each([2, 8192])('a key of %i iterations is the one of pbkdf2Sync', (iterations) => {
  expect(Buffer.from(deriveSync('password', 'salt', iterations))).toEqual(expectedKey('password', 'salt', iterations))
})

describe('published test vectors', () => {
  const bytes = (hex: string, times = 1) => Buffer.from(hex.repeat(times), 'hex')

  // The inputs of test cases 3 and 4 are not text, and the output of 5 is cut.
  it.each<[testCase: number, key: Buffer, text: string, mac: string]>([
    [1, bytes('0b', 20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [2, Buffer.from('Jefe'), 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [6, bytes('aa', 131), 'Test Using Larger Than Block-Size Key - Hash Key First', '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
    [7, bytes('aa', 131), 'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.', '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
  ])('RFC 4231, test case %i', (_, key, text, expected) => {
    expect(Buffer.from(mac(text, key), 'base64url').toString('hex')).toBe(expected)
  })

  // A shorter key is the beginning of the 32 bytes (RFC 8018, 5.2).
  it.each<[password: string, salt: string, iterations: number, key: string]>([
    ['password', 'salt', 1, '0c60c80f961f0e71f3a9b524af6012062fe037a6'],
    ['password', 'salt', 2, 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957'],
    ['password', 'salt', 4096, '4b007901b765489abead49d926f721d065a429c1'],
    ['passwordPASSWORDpassword', 'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096, '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038'],
    ['pass\0word', 'sa\0lt', 4096, '56fa6aa75548099dcc37d7f03425e0c3'],
  ])('RFC 6070: %j, %j, %i', (password, salt, iterations, expected) => {
    expect(Buffer.from(deriveSync(password, salt, iterations)).toString('hex').slice(0, expected.length)).toBe(expected)
  })
})

describe('a runtime with one-shot hashes', () => {
  it('creates no objects for a session', () => {
    const { mac, deriveSync, take } = createWatched()
    mac('text', deriveSync('password', 'salt', 1))
    expect(take()).toEqual([0, 0])
  })

  it.each<[what: string, hash: Runtime['hash']]>([
    ['none', undefined],
    ['wrong results', () => 'x'.repeat(20)],
    ['another encoding', (algorithm, data) => crypto.hash(algorithm, data, 'hex')],
    ['an error', () => { throw new TypeError('unknown encoding') }],
  ])('falls back to objects: %s', (_, hash) => {
    const { mac, deriveSync, take } = createWatched({ hash })
    const key = deriveSync('password', 'salt', 1)
    expect(Buffer.from(key)).toEqual(expectedKey('password', 'salt'))
    expect(mac('text', key)).toBe(expectedMac('text', key))
    expect(take()).toEqual([1, 1])
  })
})
