import * as hapi from '@hapi/iron'
import fc from 'fast-check'
import * as web from 'iron-webcrypto'
import { describe, expect, it, vi } from 'vitest'
import { createWebCodec } from '../../src/runtime/core/seal/web-codec'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { openSession } from '../../src/runtime/core/session/open'
import { sealSession, sealText, unsealToken } from '../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import type { SyncCrypto } from '../../src/runtime/core/seal/crypto'
import { TokenCache } from '../../src/runtime/core/seal/token-cache'
import type { Session, SessionConfig } from '../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD, realCrypto, recordedCrypto, webCrypto } from './support/app'
import { FakeTransport } from './support/transport'
import { FakeEnvironment } from './support/environment'

vi.setConfig({ testTimeout: 60_000 })

const NOW = Date.UTC(2031, 0, 1)
const SESSION = { id: 'id-1', createdAt: NOW, data: { user: 'ada' } }
const iterations = (encryption: number, integrity = encryption) =>
  ({ encryption: { iterations: encryption }, integrity: { iterations: integrity } }) as SessionConfig['seal']
const ironOptions = (count: number): web.SealOptions => ({
  ...web.defaults,
  encryption: { ...web.defaults.encryption, iterations: count },
  integrity: { ...web.defaults.integrity, iterations: count },
})

const syncConfig = (options: SessionConfig = {}, crypto: SyncCrypto = realCrypto()) =>
  resolveConfig({ password: PASSWORD, ...options }, undefined, { createCodec: createSealCodecs(crypto) })
const webConfig = (options: SessionConfig = {}) => resolveConfig({ password: PASSWORD, ...options }, undefined, { createCodec: createWebCodec })
const seal = (options?: SessionConfig, session: Session = SESSION) => sealSession(session, syncConfig(options), NOW)

const json = fc.oneof(...(['grapheme', 'binary', 'binary-ascii'] as const).map(stringUnit => fc.jsonValue({ stringUnit })))
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('\uD800', '\uDFFF', '\uFEFF', '\u2028', '\0', '"', '\\', 'a') }))
const data = fc.dictionary(text, fc.oneof(json, text), { maxKeys: 5 })

describe.each([[1, 200], [2, 50], [8192, 6]])('a seal of %i iterations', (count, numRuns) => {
  const config = syncConfig({ seal: iterations(count) })

  it('is opened by iron-webcrypto, and its seals by us, for any data', async () => {
    await fc.assert(fc.asyncProperty(data, async (data) => {
      const session = { id: 'id', createdAt: NOW, data }
      const text = JSON.stringify(session)
      const ours = await sealSession(session, config, NOW)
      expect(JSON.stringify(await web.unseal(webCrypto, ours, PASSWORD, ironOptions(count)))).toBe(text)
      const theirs = await web.seal(webCrypto, session, PASSWORD, ironOptions(count))
      expect(await unsealToken(theirs, config, NOW)).toEqual({ ok: true, value: JSON.parse(text), text, expiration: '', passwordIndex: 0, isFallback: false })
    }), { numRuns })
  })

  it('is opened by @hapi/iron, and its seals by us, for any data', async () => {
    const options = ironOptions(count) as hapi.SealOptions
    await fc.assert(fc.asyncProperty(data, async (data) => {
      const text = JSON.stringify({ id: 'id', createdAt: NOW, data })
      // @hapi/iron rejects seals with such a key.
      fc.pre(!/"__proto__"|\\u/.test(text))
      const ours = await sealSession({ id: 'id', createdAt: NOW, data }, config, NOW)
      expect(JSON.stringify(await hapi.unseal(ours, PASSWORD, options))).toBe(text)
      const theirs = await hapi.seal({ id: 'id', createdAt: NOW, data }, PASSWORD, options)
      expect(await unsealToken(theirs, config, NOW)).toMatchObject({ ok: true, text })
    }), { numRuns })
  })

  it('expires for iron-webcrypto and @hapi/iron at the same end', async () => {
    const now = Date.now()
    const ours = await sealSession({ ...SESSION, createdAt: now }, syncConfig({ seal: { ...iterations(count), ttl: 60_000 } }), now)
    expect(ours.split('*')[5]).toBe(String(now + 60_000))
    expect(await web.unseal(webCrypto, ours, PASSWORD, ironOptions(count))).toMatchObject({ data: SESSION.data })
    expect(await hapi.unseal(ours, PASSWORD, ironOptions(count) as hapi.SealOptions)).toMatchObject({ data: SESSION.data })
    const past = { ...ironOptions(count), localtimeOffsetMsec: 120_001 }
    await expect(web.unseal(webCrypto, ours, PASSWORD, past)).rejects.toThrow('Expired seal')
    await expect(hapi.unseal(ours, PASSWORD, past as hapi.SealOptions)).rejects.toThrow('Expired seal')
  })
})

describe('a seal with other options', () => {
  it.each<[options: SessionConfig['seal']]>([
    [iterations(1, 2)], [iterations(2, 1)],
    [{ encryption: { saltBits: 128 }, integrity: { saltBits: 512 } } as never], [{ encryption: { saltBits: 9 } } as never],
  ])('has the form of iron-webcrypto\'s: %j', async (options) => {
    const session = { id: 'id', createdAt: NOW, data: {} }
    const theirs = await sealSession(session, webConfig({ seal: options }), NOW)
    const ours = await seal({ seal: options }, session)
    expect(ours.split('*').map(part => part.length)).toEqual(theirs.split('*').map(part => part.length))
    expect(await unsealToken(ours, webConfig({ seal: options }), NOW)).toMatchObject({ ok: true, value: session })
    expect(await unsealToken(theirs, syncConfig({ seal: options }), NOW)).toMatchObject({ ok: true, value: session })
  })

  it.each([40_000, 65_536])('has salts of %i bits', async (saltBits) => {
    const token = await seal({ seal: { encryption: { saltBits } } as never })
    expect(token.split('*')[2]).toHaveLength(saltBits / 4)
  })

  it('is opened by iron-webcrypto with any password', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', minLength: 32, maxLength: 80 }), async (password) => {
      const ours = await seal({ password })
      expect(await unsealToken(ours, webConfig({ password }), NOW)).toMatchObject({ ok: true, value: SESSION })
    }), { numRuns: 100 })
  })

  it('can contain 8 KB of data and more', async () => {
    for (const length of [1000, 8000, 11_000]) {
      const session = { ...SESSION, data: { text: 'ü'.repeat(length / 2) } }
      expect(await unsealToken(await seal({}, session), webConfig(), NOW)).toMatchObject({ ok: true, value: session })
      expect(await unsealToken(await sealSession(session, webConfig(), NOW), syncConfig(), NOW)).toMatchObject({ ok: true, value: session })
    }
  })
})

it('a seal too long for any cookie is still made, so that an error can contain its length', async () => {
  const session = { ...SESSION, data: { text: 'x'.repeat(50_000) } }
  const token = await seal({}, session)
  expect(await web.unseal(webCrypto, token, PASSWORD, web.defaults)).toEqual(session)
  expect(await unsealToken(token, syncConfig(), NOW)).toEqual({ ok: false, reason: 'malformed' })
})

describe('both codecs give the same result', () => {
  /** Opens with both codecs, and expects the same result. */
  async function openBoth(token: string, options: SessionConfig = {}, now = NOW) {
    const result = await unsealToken(token, syncConfig(options), now)
    expect(result).toEqual(await unsealToken(token, webConfig(options), now))
    return result
  }

  it('for a valid token', async () => {
    await fc.assert(fc.asyncProperty(data, fc.boolean(), async (data, isOurs) => {
      const session = { id: 'id', createdAt: NOW, data }
      const token = isOurs ? await seal({}, session) : await sealSession(session, webConfig(), NOW)
      expect(await openBoth(token)).toMatchObject({ ok: true, text: JSON.stringify(session) })
    }), { numRuns: 100 })
  })

  it.each<[expected: object, sealed: SessionConfig, opened: SessionConfig]>([
    [{ ok: true, passwordIndex: 0, isFallback: false }, {}, {}],
    [{ ok: true, passwordIndex: 1, isFallback: false }, { password: OLD_PASSWORD }, { password: [PASSWORD, OLD_PASSWORD] }],
    [{ ok: true, passwordIndex: 3 }, { password: OLD_PASSWORD }, { password: [PASSWORD, `${PASSWORD}1`, `${PASSWORD}2`, OLD_PASSWORD] }],
    [{ ok: true, passwordIndex: 0, isFallback: true }, {}, { seal: iterations(2), legacySealFallback: true }],
    [{ ok: true, passwordIndex: 1, isFallback: true }, { password: OLD_PASSWORD }, { password: [PASSWORD, OLD_PASSWORD], seal: iterations(2), legacySealFallback: true }],
    [{ ok: true, passwordIndex: 0, isFallback: false }, { seal: iterations(2) }, { seal: iterations(2), legacySealFallback: true }],
    [{ ok: true, passwordIndex: 0, isFallback: false }, {}, { legacySealFallback: true }],
    [{ ok: false, reason: 'tampered' }, {}, { seal: iterations(2) }],
    [{ ok: false, reason: 'tampered' }, {}, { seal: iterations(2, 1) }],
    [{ ok: false, reason: 'tampered' }, { seal: iterations(3) }, { seal: iterations(2), legacySealFallback: true }],
    [{ ok: false, reason: 'tampered' }, { password: OLD_PASSWORD }, {}],
    [{ ok: false, reason: 'tampered' }, { password: OLD_PASSWORD }, { password: [PASSWORD, `${OLD_PASSWORD} `] }],
  ])('%j for a token sealed with %j and opened with %j', async (expected, sealed, opened) => {
    expect(await openBoth(await seal(sealed), opened)).toMatchObject(expected)
    expect(await openBoth(await sealSession(SESSION, webConfig(sealed), NOW), opened)).toMatchObject(expected)
  })

  it.each<[seal: SessionConfig['seal'], end: number]>([
    [{ ttl: 5000 }, 5000], [{ ttl: 5000, timestampSkewSec: 60 }, 65_000],
  ])('for a seal with %j, which ends after exactly %i ms', async (options, end) => {
    const token = await seal({ seal: options })
    expect(await openBoth(token, { seal: options }, NOW + end - 1)).toMatchObject({ ok: true })
    expect(await openBoth(token, { seal: options }, NOW + end)).toEqual({ ok: false, reason: 'expired', value: SESSION, passwordIndex: 0, isFallback: false })
  })

  it.each(['', '1', '9'.repeat(300), '0', '00000000000000000000'])('for an authentic seal with the end %j', async (expiration) => {
    await openBoth(await sealText('{"a":1}', expiration, syncConfig(), NOW))
  })

  it.each(['{"a":1}', '[]', 'null', '5', '"text"', 'no JSON', '{', '{"a":1}x'])('for an authentic seal of %s', async (text) => {
    await openBoth(await sealText(text, '', syncConfig(), NOW))
  })

  it.each<[part: number, by: string]>([[3, 'AAAA'], [3, 'A'.repeat(21)], [3, 'A'.repeat(43)], [4, 'AAAA'], [4, 'A'.repeat(22)]])(
    'for an authentic seal whose part %i iron did not make: %s', async (part, by) => {
      const { mac, deriveSync } = realCrypto()
      const parts = (await seal()).split('*').with(part, by)
      const base = parts.slice(0, 6).join('*')
      const token = [base, parts[6], mac(base, deriveSync(PASSWORD, parts[6]!, 1))].join('*')
      expect(await openBoth(token)).toEqual({ ok: false, reason: 'tampered' })
    })

  it('for a token with any change in any part', async () => {
    const tokens = [await seal(), await seal({ maxAge: 60 }), await sealSession(SESSION, webConfig({ maxAge: 60 }), NOW)]
    const unit = fc.oneof(
      fc.constantFrom(...'ABab019-_*.%=+/ \n\t\0~', '%2A', '%', 'ä', '😀', '\uD800', '\u2028', '**', 'Fe26.2'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
    )
    const edit = fc.constantFrom<(part: string, at: number, by: string) => string>(
      (part, at, by) => part.slice(0, at) + by + part.slice(at + 1),
      (part, at, by) => part.slice(0, at) + by + part.slice(at),
      (part, at) => part.slice(0, at) + part.slice(at + 1),
      (part, at) => part.slice(0, at),
      (part, at) => part.slice(at + 1),
      (part, at) => part.slice(at) + part.slice(0, at),
      part => part.toUpperCase(),
      part => part.toLowerCase(),
      part => part + part,
      part => [...part].toReversed().join(''),
      part => encodeURIComponent(part).replaceAll('-', '%2D'),
      // The same low byte: encoded as latin1, they would be equal.
      (part, at) => part.slice(0, at) + String.fromCharCode((part.charCodeAt(at) || 65) + 256) + part.slice(at + 1),
      (_, __, by) => by,
      () => '',
    )
    await fc.assert(fc.asyncProperty(fc.constantFrom(...tokens), fc.nat(7), edit, fc.nat(), unit, async (token, index, change, at, by) => {
      const parts = token.split('*')
      const part = parts[index]!
      const changed = parts.with(index, change(part, at % (part.length + 1), by)).join('*')
      fc.pre(changed !== token)
      expect(await openBoth(changed)).toMatchObject({ ok: false, reason: expect.stringMatching(/^(?:malformed|tampered)$/) })
    }), { numRuns: 1500 })
  })

  it('for a token with parts of another', async () => {
    const [one, other] = [(await seal({ maxAge: 60 })).split('*'), (await seal({ maxAge: 61 })).split('*')]
    for (let mask = 1; mask < 63; mask++) {
      const mixed = one.map((part, index) => (mask >> (index - 2) & 1 && index >= 2 ? other[index]! : part)).join('*')
      const isSame = mixed === one.join('*') || mixed === other.join('*')
      expect(await openBoth(mixed)).toMatchObject({ ok: isSame })
    }
  })

  it('for a token that is cut anywhere', async () => {
    const token = await seal({ maxAge: 60 })
    for (let at = 0; at < token.length; at++) {
      for (const cut of [token.slice(0, at), token.slice(at + 1), token.slice(0, at) + token.slice(at + 1)])
        expect(await openBoth(cut)).toMatchObject({ ok: false })
    }
  })

  it('for a MAC of the same bytes in other characters, which is tampered', async () => {
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let times = 0; times < 10; times++) {
      const token = await seal({ caches: false })
      const last = ALPHABET.indexOf(token.at(-1)!)
      for (let bits = 1; bits < 4; bits++) {
        const other = token.slice(0, -1) + ALPHABET[last + bits]
        expect(Buffer.from(other.slice(-43), 'base64url')).toEqual(Buffer.from(token.slice(-43), 'base64url'))
        expect(await openBoth(other)).toEqual({ ok: false, reason: 'tampered' })
      }
    }
  })
})

describe('an option that the synchronous codec does not support', () => {
  it.each<[what: string, options: SessionConfig]>([
    ['another cipher', { seal: { encryption: { algorithm: 'aes-128-ctr' } } as never }],
    ['the crypto option of the call', { crypto: globalThis.crypto }],
  ])('uses iron-webcrypto: %s', async (_, options) => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig(options, crypto)
    take()
    const sealing = sealSession(SESSION, config, NOW)
    expect(sealing).toBeInstanceOf(Promise)
    const opening = unsealToken(await sealing, config, NOW)
    expect(opening).toBeInstanceOf(Promise)
    expect(await opening).toMatchObject({ ok: true, value: SESSION })
    expect(await unsealToken(await sealSession(SESSION, webConfig(options), NOW), config, NOW)).toMatchObject({ ok: true, value: SESSION })
    expect(take()).toEqual([])
  })

  it.each<[what: string, seal: object, error: string]>([
    ['a longer password, for the encryption', { encryption: { minPasswordlength: PASSWORD.length + 1 } }, 'Password string too short'],
    ['a longer password, for the MAC', { integrity: { minPasswordlength: PASSWORD.length + 1 } }, 'Password string too short'],
    ['no salt', { encryption: { saltBits: 0 } }, 'Missing salt'],
    ['an unknown cipher', { encryption: { algorithm: 'rot13' } }, 'Unknown algorithm: rot13'],
    ['an unknown MAC', { integrity: { algorithm: 'md5' } }, 'Unknown algorithm: md5'],
  ])('throws the error of iron-webcrypto: %s', async (_, options, error) => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig({ seal: options }, crypto)
    take()
    await expect(sealSession(SESSION, config, NOW)).rejects.toThrow(error)
    expect(take()).toEqual([])
  })

  it('is not a minimum length that the password has', () => {
    const config = syncConfig({ seal: { encryption: { minPasswordlength: PASSWORD.length }, integrity: { minPasswordlength: PASSWORD.length } } as never })
    expect(sealSession(SESSION, config, NOW)).toMatch(/^Fe26\.2\*\*/)
  })
})

describe('opening', () => {
  it('compares the MAC before anything is decrypted', async () => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig({}, crypto)
    const token = await seal()
    take()
    expect(unsealToken(token, config, NOW)).toMatchObject({ ok: true })
    expect(take()).toEqual(['deriveSync', 'mac', 'isSameMac', 'deriveSync', 'decrypt'])
    expect(unsealToken(token, config, NOW)).toMatchObject({ ok: true })
    expect(take()).toEqual(['mac', 'isSameMac', 'decrypt'])
  })

  it.each<[caches: SessionConfig['caches'], derivations: string[]]>([[true, []], ['keys', []], [false, ['deriveSync']]])(
    'neither decrypts nor derives the encryption key if the MAC is wrong; caches %s', async (caches, derivations) => {
      const { crypto, take } = recordedCrypto()
      const config = syncConfig({ caches }, crypto)
      const token = await sealSession(SESSION, config, NOW)
      take()
      for (let index = 2; index < 8; index++) {
        const forged = token.split('*').with(index, index === 5 ? '1' : 'A'.repeat(43)).join('*')
        expect(unsealToken(forged, config, NOW)).toEqual({ ok: false, reason: 'tampered' })
        expect(take()).toEqual([...index === 6 ? ['deriveSync'] : derivations, 'mac', 'isSameMac'])
      }
    })

  it('derives the encryption key of many iterations only after the MAC was right', async () => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig({ seal: iterations(2) }, crypto)
    const token = await seal({ seal: iterations(2) })
    take()
    const forged = token.split('*').with(7, 'A'.repeat(43)).join('*')
    expect(await unsealToken(forged, config, NOW)).toEqual({ ok: false, reason: 'tampered' })
    expect(take()).toEqual(['derive', 'mac', 'isSameMac'])
    expect(await unsealToken(token, config, NOW)).toMatchObject({ ok: true })
    expect(take()).toEqual(['mac', 'isSameMac', 'derive', 'decrypt'])
  })

  it.each([[1], [4]])('costs one MAC for each of %i passwords if the token is forged', (count) => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig({ password: Array.from({ length: count }, (_, index) => PASSWORD + index) }, crypto)
    take()
    const forged = `Fe26.2**salt*iv*cipher**salt*${'A'.repeat(43)}`
    expect(unsealToken(forged, config, NOW)).toEqual({ ok: false, reason: 'tampered' })
    expect(take().filter(name => name === 'mac')).toHaveLength(count)
  })

  it('costs no second MAC for a fallback if one iteration is configured anyway', () => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig({ legacySealFallback: true }, crypto)
    take()
    expect(unsealToken(`Fe26.2**salt*iv*cipher**salt*${'A'.repeat(43)}`, config, NOW)).toEqual({ ok: false, reason: 'tampered' })
    expect(take()).toEqual(['deriveSync', 'mac', 'isSameMac'])
  })

  it.each(['', 'nonsense', '*******', `Fe26.2**${'*'.repeat(5)}`, `Fe26.2**a*b*c**d*${'A'.repeat(42)}`, `Fe26.2**a*b*${'c'.repeat(20_000)}**d*${'A'.repeat(43)}`])(
    'costs no crypto if the token does not have the form of a seal: %#', (token) => {
      const { crypto, take } = recordedCrypto()
      const config = syncConfig({}, crypto)
      take()
      expect(unsealToken(token, config, NOW)).toEqual({ ok: false, reason: 'malformed' })
      expect(take()).toEqual([])
    })

  it('compares every character of the MACs', () => {
    const { isSameMac } = realCrypto()
    const one = 'a'.repeat(43)
    expect(isSameMac(one, 'a'.repeat(43))).toBe(true)
    for (let at = 0; at < 43; at++) expect(isSameMac(one, `${one.slice(0, at)}b${one.slice(at + 1)}`)).toBe(false)
    for (const other of ['', 'a'.repeat(42), 'a'.repeat(44), 'b'.repeat(43), 'a'.repeat(20_000)]) expect(isSameMac(one, other)).toBe(false)
  })
})

describe('sealing', () => {
  it.each([[true], [false]])('has a new IV for each of 12,000 seals, with caches %s', (caches) => {
    const config = syncConfig({ caches })
    const ivs = new Set<string>()
    for (let times = 0; times < 12_000; times++) ivs.add((sealSession(SESSION, config, NOW) as string).split('*')[3]!)
    expect(ivs.size).toBe(12_000)
    for (const iv of ivs) expect(iv).toMatch(/^[\w-]{22}$/)
  })

  it('uses two pairs of salts for 12,000 seals', () => {
    const config = syncConfig()
    const counts: Record<string, number> = {}
    for (let times = 0; times < 12_000; times++) {
      const [, , encryption, , , , integrity] = (sealSession(SESSION, config, NOW) as string).split('*')
      counts[`${encryption} ${integrity}`] = (counts[`${encryption} ${integrity}`] ?? 0) + 1
    }
    expect(Object.values(counts)).toEqual([10_000, 2000])
  })

  it('without caches has new salts for each seal, and opens each with new keys', () => {
    const { crypto, take } = recordedCrypto()
    const config = syncConfig({ caches: false }, crypto)
    const salts = new Set<string>()
    for (let times = 0; times < 1000; times++) {
      take()
      const token = sealSession(SESSION, config, NOW) as string
      expect(take().filter(name => name === 'deriveSync')).toHaveLength(2)
      expect(unsealToken(token, config, NOW)).toMatchObject({ ok: true })
      expect(take()).toEqual(['deriveSync', 'mac', 'isSameMac', 'deriveSync', 'decrypt'])
      for (const index of [2, 6]) salts.add(token.split('*')[index]!)
    }
    expect(salts.size).toBe(2000)
  })

  it('has random bytes of any length, and none twice', () => {
    const { randomBytes, hex } = realCrypto()
    const lengths = Array.from({ length: 2000 }, (_, index) => [16, 32, 48, 33][index % 4]!)
    const given = lengths.map(length => randomBytes(length))
    expect(given.map(bytes => bytes.length)).toEqual(lengths)
    // Compared after the last call: later calls do not overwrite earlier bytes.
    expect(new Set(given.map(bytes => hex(bytes).slice(0, 32))).size).toBe(2000)
    for (const length of [0, 1, 4095, 4096, 4097, 20_000]) {
      const bytes = randomBytes(length)
      expect(bytes).toHaveLength(length)
      expect(hex(bytes)).toHaveLength(2 * length)
      if (length > 1000) expect(new Set(bytes.slice(-1000)).size).toBeGreaterThan(200)
    }
  })

  it.each([1.0001, 60.0005, 0.0001])('makes a readable seal if maxAge is %d seconds', async (maxAge) => {
    const token = await seal({ maxAge })
    expect(token.split('*')[5]).toMatch(/^\d+$/)
    expect(await unsealToken(token, syncConfig({ maxAge }), NOW)).toMatchObject({ ok: true, value: SESSION })
  })

  it.each<[caches: SessionConfig['caches'], sealed: boolean[], opened: boolean[]]>([
    [true, [true, true, true], [true, true, true, false, true, true]],
    ['keys', [true, true, true], [true, true, true, false, true, true]],
    [false, [false, false, false], [false, false, false, false, false, false]],
  ])('with caches %s caches the ciphers of its keys: sealing %j, opening own and others\' seals %j', (caches, sealed, opened) => {
    const real = realCrypto()
    const flags = { sealed: [] as boolean[], opened: [] as boolean[] }
    const config = syncConfig({ caches }, {
      ...real,
      encrypt: (text, key, isKeyCached) => {
        flags.sealed.push(isKeyCached)
        return real.encrypt(text, key, isKeyCached)
      },
      decrypt: (ciphertext, iv, key, isKeyCached) => {
        flags.opened.push(isKeyCached)
        return real.decrypt(ciphertext, iv, key, isKeyCached)
      },
    })
    const own = Array.from({ length: 3 }, () => sealSession(SESSION, config, NOW) as string)
    const other = seal() as string
    for (const token of [...own, other, other, other]) expect(unsealToken(token, config, NOW)).toMatchObject({ ok: true, value: SESSION })
    expect(flags).toEqual({ sealed, opened })
  })

  it('needs a password', () => {
    const config = resolveConfig({}, undefined, { needsPassword: false, createCodec: createSealCodecs(realCrypto()) })
    expect(() => sealSession(SESSION, config, NOW)).toThrow(expect.objectContaining({ code: 'SESSION_PASSWORD_MISSING' }))
  })
})

describe('a request', () => {
  const siblings = { names: [], resolve: () => syncConfig() }

  it.each([[true], [false]])('with a valid cookie opens its session without a promise if there is no hook; token cache %s', async (isCached) => {
    const config = resolveConfig({ password: PASSWORD }, undefined, { createCodec: createSealCodecs(realCrypto()), tokens: isCached ? new TokenCache() : undefined })
    const token = await sealSession(SESSION, config, NOW)
    for (let times = 0; times < 2; times++) {
      const env = Object.assign(new FakeEnvironment(), { hasHook: () => false })
      const transport = new FakeTransport({ cookie: `h3=${token}` })
      const opened = openSession(env, transport, config, siblings, 'create')
      expect(opened).not.toBeInstanceOf(Promise)
      expect((await opened).state).toMatchObject({ record: SESSION, transport: 'cookie', isNew: false, loading: undefined })
      expect(openSession(env, transport, config, siblings, 'create')).not.toBeInstanceOf(Promise)
      expect([transport.writes, env.calls]).toEqual([0, []])
    }
  })

  it('with a valid cookie waits for the app\'s load hook', async () => {
    const config = syncConfig()
    const env = new FakeEnvironment()
    const transport = new FakeTransport({ cookie: `h3=${await sealSession(SESSION, config, NOW)}` })
    const opened = openSession(env, transport, config, siblings, 'create')
    expect(opened).toBeInstanceOf(Promise)
    await opened
    expect(env.takeCalls()).toEqual(['session:load'])
  })
})

it('needs no random bytes before the first seal, because workers have none at start', () => {
  const { crypto, take } = recordedCrypto()
  createSealCodecs(crypto)
  expect(take()).toEqual([])
})
