import { Buffer } from 'node:buffer'
import * as crypto from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createAes } from '../../src/runtime/server/crypto/node-aes'
import { createSimpleAes } from '../../src/runtime/server/crypto/node-simple'
import type { Aes } from '../../src/runtime/server/crypto/node-simple'

type Runtime = Parameters<typeof createAes>[0]

const real: Runtime = { ...crypto, Buffer }
const runtime = (changes: Partial<Runtime> = {}): Runtime => ({ ...real, ...changes })
const simple = createSimpleAes(runtime(), crypto.randomBytes)
const newKey = (seed = 0) => new Uint8Array(32).fill(seed)

/** Counts the ciphers that are created. */
function createWatched(changes: Partial<Runtime> = {}) {
  const [createCipheriv, createDecipheriv] = [vi.fn(changes.createCipheriv ?? real.createCipheriv), vi.fn(changes.createDecipheriv ?? real.createDecipheriv)]
  const aes = createAes(runtime({ createCipheriv, createDecipheriv }), crypto.randomBytes)
  const take = () => [createCipheriv, createDecipheriv].map((spy) => {
    const { length } = spy.mock.calls
    spy.mockClear()
    return length
  })
  take()
  return { ...aes, take }
}

const seal = ({ encrypt }: Aes, text: string, key: Uint8Array, isKeyCached = false) => encrypt(text, key, isKeyCached)
const open = ({ decrypt }: Aes, { iv, ciphertext }: { iv: string, ciphertext: string }, key: Uint8Array, isKeyCached = false) => decrypt(ciphertext, iv, key, isKeyCached)

/** Decrypts by the platform's own CBC. */
function reference({ iv, ciphertext }: { iv: string, ciphertext: string }, key: Uint8Array): string {
  const decipher = crypto.createDecipheriv('aes-256-cbc', key, Buffer.from(iv, 'base64url'))
  return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
}

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 100 }), fc.string({ unit: fc.constantFrom('a', 'ä', '\u2028', '\0', '\uFEFF'), maxLength: 6000 }))
  .map(text => text.toWellFormed())

describe('texts of several keys in any order, cached or not', () => {
  const step = fc.record({ text, seed: fc.nat(3), isKeyCached: fc.boolean(), isOpenedCached: fc.boolean() })

  it('are opened by the platform\'s AES, and its texts by ours', () => {
    const aes = createAes(runtime(), crypto.randomBytes)
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      for (const { text, seed, isKeyCached, isOpenedCached } of steps) {
        const sealed = seal(aes, text, newKey(seed), isKeyCached)
        expect(reference(sealed, newKey(seed))).toBe(text)
        expect(open(aes, sealed, newKey(seed), isOpenedCached)).toBe(text)
        expect(open(aes, seal(simple, text, newKey(seed)), newKey(seed), isOpenedCached)).toBe(text)
      }
    }), { numRuns: 300 })
  })

  it.each([0, 1, 15, 16, 17, 5449, 5450, 5451, 5460, 12_000, 50_000])('are encrypted correctly with %i characters', (length) => {
    const aes = createAes(runtime(), crypto.randomBytes)
    for (const unit of ['x', 'ä', '\u2028']) {
      for (const isKeyCached of [false, true, true]) expect(reference(seal(aes, unit.repeat(length), newKey(), isKeyCached), newKey())).toBe(unit.repeat(length))
    }
  })
})

describe('published test vectors', () => {
  const hex = (text: string) => Buffer.from(text, 'hex')
  const base64url = (text: string) => hex(text).toString('base64url')
  /** The padding block to append to a vector, which has none, unlike iron. By the platform's own cipher. */
  function paddingAfter(ciphertext: string, key: Buffer): string {
    const cipher = crypto.createCipheriv('aes-256-cbc', key, hex(ciphertext.slice(-32))).setAutoPadding(false)
    return cipher.update(Buffer.alloc(16, 16)).toString('hex')
  }

  // NIST CAVP, CBCKeySbox256.rsp, decryption. The plaintexts are 16 zero bytes; no other file of CAVP has plaintexts that are text.
  it.each([
    ['c47b0294dbbbee0fec4757f22ffeee3587ca4730c3d33b691df38bab076bc558', '46f2fb342d6f0ab477476fc501242c5f'],
    ['28d46cffa158533194214a91e712fc2b45b518076675affd910edeca5f41ac64', '4bf3b0a69aeb6657794f2901b1440ad4'],
    ['c1cc358b449909a19436cfbb3f852ef8bcb5ed12ac7058325f56e6099aab1a1c', '352065272169abf9856843927d0674fd'],
    ['984ca75f4ee8d706f46c2d98c0bf4a45f5b00d791c2dfeb191b5ed8e420fd627', '4307456a9e67813b452e15fa8fffe398'],
    ['b43d08a447ac8609baadae4ff12918b9f68fc1653f1269222f123981ded7a92f', '4663446607354989477a5c6f0f007ef4'],
    ['1d85a181b54cde51f0e098095b2962fdc93b51fe9b88602b3f54130bf76a5bd9', '531c2c38344578b84d50b3c917bbb6e1'],
    ['dc0eba1f2232a7879ded34ed8428eeb8769b056bbaf8ad77cb65c3541430b4cf', 'fc6aec906323480005c58e7e1ab004ad'],
    ['f8be9ba615c5a952cabbca24f68f8593039624d524c816acda2c9183bd917cb9', 'a3944b95ca0b52043584ef02151926a8'],
    ['797f8b3d176dac5b7e34a2d539c4ef367a16f8635f6264737591c5c07bf57a3e', 'a74289fe73a4c123ca189ea1e1b49ad5'],
    ['6838d40caf927749c13f0329d331f448e202c73ef52c5f73a37ca635d4c47707', 'b91d4ea4488644b56cf0812fa7fcf5fc'],
  ])('CAVP CBCKeySbox256: %s', (keyHex, ciphertext) => {
    const aes = createAes(runtime(), crypto.randomBytes)
    const key = hex(keyHex)
    const sealed = { iv: base64url('00'.repeat(16)), ciphertext: base64url(ciphertext + paddingAfter(ciphertext, key)) }
    for (const isKeyCached of [false, true, true]) expect(open(aes, sealed, key, isKeyCached)).toBe('\0'.repeat(16))
  })

  // Its plaintext is not text either. It verifies the platform's AES, with which the random tests compare ours.
  it('SP 800-38A, F.2.6: the platform\'s AES', () => {
    const decipher = crypto.createDecipheriv('aes-256-cbc', hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'), hex('000102030405060708090a0b0c0d0e0f')).setAutoPadding(false)
    const plaintext = decipher.update(hex('f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b'))
    expect(plaintext.toString('hex')).toBe('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710')
  })
})

describe('the cipher of a cached key', () => {
  it('is created once; for a key that is not cached, each time', () => {
    const { take, ...aes } = createWatched()
    const key = newKey(1)
    for (let times = 0; times < 5; times++) open(aes, seal(aes, 'text', key, true), key, true)
    expect(take()).toEqual([1, 1])
    for (let times = 0; times < 5; times++) open(aes, seal(aes, 'text', key, false), key, false)
    expect(take()).toEqual([5, 5])
  })

  it('is kept for the last 64 keys to seal and 256 to open', () => {
    const { take, ...aes } = createWatched()
    const keys = Array.from({ length: 300 }, (_, index) => newKey(index % 256))
    for (const key of keys) open(aes, seal(aes, 'text', key, true), key, true)
    take()
    for (const key of keys.slice(-64)) expect(open(aes, seal(aes, 'text', key, true), key, true)).toBe('text')
    expect(take()).toEqual([0, 0])
    for (const key of keys.slice(0, 44)) expect(open(aes, seal(aes, 'text', key, true), key, true)).toBe('text')
    expect(take()).toEqual([44, 44])
  })
})

describe('the IV', () => {
  it.each([true, false])('is new for each text, even for the same text; key cached: %s', (isKeyCached) => {
    const aes = createAes(runtime(), crypto.randomBytes)
    const sealed = Array.from({ length: 5000 }, () => seal(aes, 'the same text', newKey(), isKeyCached))
    expect(new Set(sealed.map(({ iv }) => iv)).size).toBe(5000)
    expect(new Set(sealed.map(({ ciphertext }) => ciphertext)).size).toBe(5000)
    for (const { iv } of sealed) expect(Buffer.from(iv, 'base64url')).toHaveLength(16)
  })

  it.each([true, false])('depends on every bit of its 16 random bytes; key cached: %s', (isKeyCached) => {
    const ivs = new Set<string>()
    for (let bit = -1; bit < 128; bit++) {
      const random = Buffer.alloc(16)
      if (bit >= 0) random[bit >> 3] = 1 << (bit & 7)
      ivs.add(seal(createAes(runtime(), () => Buffer.from(random)), 'text', newKey(), isKeyCached).iv)
    }
    expect(ivs.size).toBe(129)
  })

  it('takes a block of new random bytes for each text', () => {
    const randomBytes = vi.fn(crypto.randomBytes as (size: number) => Buffer)
    const aes = createAes(runtime(), randomBytes)
    randomBytes.mockClear()
    for (let times = 0; times < 10; times++) seal(aes, 'text', newKey(), true)
    expect(randomBytes.mock.calls).toEqual(Array.from({ length: 10 }, () => [16]))
  })

  it('has each bit 1 as often as 0', () => {
    const aes = createAes(runtime(), crypto.randomBytes)
    const ones = Array.from({ length: 128 }, () => 0)
    for (let times = 0; times < 4000; times++) {
      const iv = Buffer.from(seal(aes, 'text', newKey(), true).iv, 'base64url')
      for (let bit = 0; bit < 128; bit++) ones[bit]! += iv[bit >> 3]! >> (bit & 7) & 1
    }
    // Eight standard deviations.
    for (const count of ones) expect(Math.abs(count - 2000)).toBeLessThan(8 * Math.sqrt(1000))
  })
})

describe('a ciphertext that iron did not make', () => {
  const base64url = (length: number) => Buffer.alloc(length, 3).toString('base64url')
  /** A ciphertext whose last block ends in these bytes. */
  function endingIn(...bytes: number[]): { iv: string, ciphertext: string } {
    const iv = crypto.randomBytes(16)
    const cipher = crypto.createCipheriv('aes-256-cbc', newKey(), iv).setAutoPadding(false)
    const text = Buffer.alloc(32, 'x')
    text.set(bytes, 32 - bytes.length)
    return { iv: iv.toString('base64url'), ciphertext: cipher.update(text).toString('base64url') }
  }

  it.each<[what: string, sealed: { iv: string, ciphertext: string }]>([
    ['no text', { iv: base64url(16), ciphertext: '' }],
    ['a part of a block', { iv: base64url(16), ciphertext: base64url(15) }],
    ['a block and a part', { iv: base64url(16), ciphertext: base64url(17) }],
    ['a short IV', { iv: base64url(15), ciphertext: base64url(16) }],
    ['a long IV', { iv: base64url(17), ciphertext: base64url(16) }],
    ['an IV of two blocks', { iv: base64url(32), ciphertext: base64url(16) }],
    ['no IV', { iv: '', ciphertext: base64url(32) }],
    ['a long IV with a text that is shorter by as much', { iv: base64url(17), ciphertext: base64url(15) }],
    ['a text longer than any token', { iv: base64url(16), ciphertext: base64url(16_384) }],
    ['a padding of 0', endingIn(0)],
    ['a padding of 17', endingIn(...Array.from({ length: 17 }, () => 17))],
    ['a padding of 255', endingIn(255)],
    ['a padding with a wrong first byte', endingIn(4, 5, 5, 5, 5)],
    ['a padding with a wrong middle byte', endingIn(5, 5, 4, 5, 5)],
  ])('gives undefined, and the next text is not affected: %s', (_, sealed) => {
    const aes = createAes(runtime(), crypto.randomBytes)
    for (const isKeyCached of [false, true, true]) {
      expect(open(aes, sealed, newKey(), isKeyCached)).toBe(open(simple, sealed, newKey()))
      expect(open(aes, sealed, newKey(), isKeyCached)).toBeUndefined()
      expect(open(aes, seal(simple, 'text', newKey()), newKey(), isKeyCached)).toBe('text')
    }
  })

  it('gives the same as the simple AES, whatever it is', () => {
    const aes = createAes(runtime(), crypto.randomBytes)
    const bytes = fc.uint8Array({ maxLength: 64 }).map(bytes => Buffer.from(bytes).toString('base64url'))
    fc.assert(fc.property(fc.record({ iv: fc.oneof(bytes, fc.constant(base64url(16))), ciphertext: bytes }), fc.boolean(), (sealed, isKeyCached) => {
      expect(open(aes, sealed, newKey(), isKeyCached)).toBe(open(simple, sealed, newKey()))
    }), { numRuns: 3000 })
  })
})

describe('a runtime whose ciphers cannot go on after a text', () => {
  it.each<[what: string, changes: Partial<Runtime>]>([
    ['the last block does not come out', {
      createDecipheriv: (...args) => Object.assign(real.createDecipheriv(...args), { setAutoPadding() { return this } }),
    }],
    ['the output is cut', {
      createCipheriv: (...args) => {
        const cipher = real.createCipheriv(...args)
        const update = cipher.update.bind(cipher) as (data: Uint8Array) => Buffer
        const cut = { update: (data: Uint8Array) => update(data).subarray(16) }
        return Object.assign(cipher, { setAutoPadding: () => Object.assign(cipher, cut) })
      },
    }],
    ['it throws', {
      createCipheriv: (...args) => Object.assign(real.createCipheriv(...args), { setAutoPadding() { throw new Error('not implemented') } }),
    }],
  ])('gets a cipher for each text: %s', (_, changes) => {
    const { take, ...aes } = createWatched(changes)
    const key = newKey(1)
    for (let times = 0; times < 3; times++) {
      const sealed = seal(aes, 'grüße', key, true)
      expect(reference(sealed, key)).toBe('grüße')
      expect(open(aes, sealed, key, true)).toBe('grüße')
    }
    expect(take()).toEqual([3, 3])
  })
})
