import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWellFormed, parseSeal, sealBase } from '../../src/runtime/core/seal/seal'
import { MAX_TOKEN_LENGTH } from '../../src/runtime/core/model/shape'
import type { SealParts } from '../../src/runtime/core/config/seal-openers'

const MAC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN_-0'
const SEAL = `Fe26.2**salt*iv*cipher*1700000000000*salt2*${MAC}`

/** Splits a seal in a simple way. */
function split(token: string): SealParts | undefined {
  const [prefix, id, encryptionSalt, iv, ciphertext, expiration, integritySalt, mac, ...more] = token.split('*')
  if (token.length > MAX_TOKEN_LENGTH || mac === undefined || more.length > 0) return undefined
  if (prefix !== 'Fe26.2' || id !== '' || !/^\d*$/.test(expiration!) || !/^[\w-]{43}$/.test(mac)) return undefined
  if (!encryptionSalt || !iv || !ciphertext || !integritySalt) return undefined
  return { token, encryptionSalt, iv, ciphertext, expiration: expiration!, integritySalt, mac, base: token.split('*').slice(0, 6).join('*'), derivedIterations: 0 }
}

const odd = fc.oneof(
  fc.constantFrom('', '*', '\n', ' ', 'Fe26.2', 'Fe26.2*', '%2A', 'ä', '😀', '\uD800', '=', '1e9', '-1'),
  fc.string({ unit: 'binary', maxLength: 8 }), fc.base64String({ maxLength: 50 }),
)
const base64url = fc.string({ unit: fc.constantFrom(...'ABCxyz019_-'), minLength: 1, maxLength: 60 })
const mac = fc.string({ unit: fc.constantFrom(...'ABCxyz019_-'), minLength: 43, maxLength: 43 })
const digits = fc.oneof(fc.constant(''), fc.nat().map(String))
const good = fc.tuple(fc.constant('Fe26.2'), fc.constant(''), base64url, base64url, base64url, digits, base64url, mac)

/** Seals in which up to two parts are odd, missing or added. */
const almost = fc.tuple(good, fc.array(fc.tuple(fc.nat(8), fc.nat(1), odd), { maxLength: 2 }))
  .map(([parts, changes]) => changes.reduce<string[]>((sum, [at, count, by]) => sum.toSpliced(at, count, by), parts).join('*'))

describe('parseSeal', () => {
  it('splits a seal into its parts', () => {
    expect(parseSeal(SEAL)).toEqual({
      token: SEAL, encryptionSalt: 'salt', iv: 'iv', ciphertext: 'cipher', expiration: '1700000000000', integritySalt: 'salt2', mac: MAC,
      base: 'Fe26.2**salt*iv*cipher*1700000000000', derivedIterations: 0,
    })
  })

  it('gives the same as splitting at *, for every seal', () => {
    fc.assert(fc.property(good, (parts) => {
      const token = parts.join('*')
      expect(split(token)).toBeDefined()
      expect(parseSeal(token)).toEqual(split(token))
    }))
  })

  it('gives the same as splitting at *, for almost valid seals', () => {
    fc.assert(fc.property(almost, (token) => {
      expect(parseSeal(token)).toEqual(split(token))
    }), { numRuns: 3000 })
  })

  it('gives the same as splitting at *, for any text', () => {
    const unit = fc.constantFrom('*', '**', 'Fe26.2', 'Fe26.2**', 'a', '1', MAC)
    fc.assert(fc.property(fc.string({ unit, maxLength: 14 }), (token) => {
      expect(parseSeal(token)).toEqual(split(token))
    }), { numRuns: 3000 })
  })

  it('accepts 16 KiB and not a character more', () => {
    const filled = SEAL.replace('cipher', 'c'.repeat(MAX_TOKEN_LENGTH - SEAL.length + 6))
    expect(filled).toHaveLength(16_384)
    expect(parseSeal(filled)).toMatchObject({ expiration: '1700000000000', mac: MAC })
    expect(parseSeal(filled.replace('cc', 'ccc'))).toBeUndefined()
  })

  it.each(['\n', '\r\n', ' ', '='])('rejects %j after or in the MAC, and in the end of the seal', (more) => {
    expect(parseSeal(SEAL + more)).toBeUndefined()
    expect(parseSeal(SEAL.slice(0, -more.length) + more)).toBeUndefined()
    expect(parseSeal(SEAL.replace('1700000000000', `1700000000000${more}`))).toBeUndefined()
  })

  it('rejects a MAC with characters whose low byte is a letter', () => {
    expect(parseSeal(SEAL.slice(0, -1) + String.fromCharCode(0x130))).toBeUndefined()
  })

  it('rejects an end in digits of other scripts', () => {
    expect(parseSeal(SEAL.replace('1700000000000', '١٧٠٠'))).toBeUndefined()
  })
})

describe('isWellFormed', () => {
  it.each<[is: boolean, token: string]>([
    [true, SEAL],
    [true, SEAL.replace('1700000000000', '')],
    [true, SEAL.replace('salt2', 'any text äöü')],
    [false, SEAL.replace('iv', 'i+v')],
    [false, SEAL.replace('iv', 'iv=')],
    [false, SEAL.replace('cipher', 'not base64!')],
    [false, SEAL.replace('cipher', 'cipher%')],
    [false, SEAL.replace('cipher', '')],
    [false, `${SEAL}\n`],
    [false, SEAL.slice(1)],
    [false, ''],
  ])('is %s for %s', (is, token) => {
    expect(isWellFormed(token)).toBe(is)
  })

  it('is stricter than parseSeal', () => {
    fc.assert(fc.property(fc.oneof(almost, good.map(parts => parts.join('*'))), (token) => {
      expect(isWellFormed(token) && parseSeal(token) === undefined).toBe(false)
    }), { numRuns: 2000 })
  })
})

it('sealBase gives the base that parseSeal returns', () => {
  fc.assert(fc.property(good, (parts) => {
    const { encryptionSalt, iv, ciphertext, expiration, base } = parseSeal(parts.join('*'))!
    expect(sealBase(encryptionSalt, iv, ciphertext, expiration)).toBe(base)
  }))
})
