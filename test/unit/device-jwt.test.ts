import crypto, { createHmac, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { decodeBase64url } from '../../src/runtime/core/device/base64url'
import { MAX_DEVICE_TOKEN_LENGTH, readDeviceToken } from '../../src/runtime/core/device/jwt'
import type { DeviceToken } from '../../src/runtime/core/device/jwt'
import { toDeviceKey } from '../../src/runtime/core/device/key'
import type { DeviceKey as PublicKey } from '../../src/runtime/core/device/key'
import { parseStrictJson } from '../../src/runtime/core/device/strict-json'
import { nodeEs256, webEs256 } from '../../src/runtime/server/crypto/es256'
import { base64url, DeviceKey } from '../support/device-key'

const byNode = nodeEs256(crypto)
const byWeb = webEs256(globalThis.crypto.subtle)
const NOW = Date.UTC(2031, 0, 1)
const check = { now: NOW, isOwnAudience: (audience: string) => audience.startsWith('https://app.example/') }
const SECONDS = NOW / 1000

let key: DeviceKey
beforeAll(async () => { key = await DeviceKey.create() })

/** By both implementations. */
async function isSignedBy(key: PublicKey, { signature, signed }: DeviceToken) {
  const isSigned = await byNode(key, signature, signed)
  expect(await byWeb(key, signature, signed)).toBe(isSigned)
  return isSigned
}

async function isAccepted(token: string) {
  const read = readDeviceToken(token, check)
  return read?.key !== undefined && isSignedBy(read.key, read)
}

const registration = (changes: { header?: object, payload?: object } = {}) =>
  key.token({ header: { jwk: key.jwk, ...changes.header }, payload: { jti: 'challenge', ...changes.payload } })

describe('accepts', () => {
  it('the token of a browser', async () => {
    const token = await registration()
    expect(readDeviceToken(token, check)).toMatchObject({ key: { x: key.jwk.x, y: key.jwk.y }, challenge: 'challenge' })
    expect(await isAccepted(token)).toBe(true)
  })

  it.each([
    ['its own audience', { aud: 'https://app.example/api/_session/device/register' }],
    ['a clock that is an hour wrong', { iat: SECONDS + 3600, nbf: SECONDS + 3600, exp: SECONDS + 1 }],
    ['unknown claims', { sub: 'x', authorization: 'y' }],
  ])('%s', async (_, payload) => {
    expect(await isAccepted(await registration({ payload }))).toBe(true)
  })

  it('a refresh without a jwk, by the kept key only', async () => {
    const read = readDeviceToken(await key.refresh('challenge'), check)!
    expect(read.key).toBeUndefined()
    expect(await isSignedBy(key.jwk, read)).toBe(true)
    expect(await isSignedBy((await DeviceKey.create()).jwk, read)).toBe(false)
  })
})

describe('refuses', () => {
  it.each<[string, object]>([
    ['alg none', { alg: 'none' }],
    ['alg of another case', { alg: 'es256' }],
    ['RS256', { alg: 'RS256' }],
    ['HS256', { alg: 'HS256' }],
    ['no alg', { alg: undefined }],
    ['another typ', { typ: 'JWT' }],
    ['no typ', { typ: undefined }],
    ['crit', { crit: ['exp'] }],
    ['an empty crit', { crit: [] }],
    ['b64', { b64: false }],
    ['a jwk that is no object', { jwk: 'key' }],
    ['a jwk that is null', { jwk: null }],
  ])('a header with %s', async (_, header) => {
    expect(readDeviceToken(await registration({ header }), check)).toBeUndefined()
  })

  it.each<[string, (jwk: DeviceKey['jwk']) => object]>([
    ['of another type', jwk => ({ ...jwk, kty: 'OKP' })],
    ['on another curve', jwk => ({ ...jwk, crv: 'P-384' })],
    ['with a private part', jwk => ({ ...jwk, d: jwk.x })],
    ['that is symmetric', jwk => ({ ...jwk, k: jwk.x })],
    ['for another algorithm', jwk => ({ ...jwk, alg: 'ES384' })],
    ['for encryption', jwk => ({ ...jwk, use: 'enc' })],
    ['without y', ({ kty, crv, x }) => ({ kty, crv, x })],
    ['with a short x', jwk => ({ ...jwk, x: jwk.x.slice(4) })],
    ['with a long x', jwk => ({ ...jwk, x: `AAAA${jwk.x}` })],
    ['with padding', jwk => ({ ...jwk, x: `${jwk.x}=` })],
    ['in base64', jwk => ({ ...jwk, x: `+${jwk.x.slice(1)}` })],
  ])('a jwk %s', async (_, change) => {
    expect(toDeviceKey(change(key.jwk))).toBeUndefined()
    expect(readDeviceToken(await registration({ header: { jwk: change(key.jwk) } }), check)).toBeUndefined()
  })

  it.each<[string, object]>([
    ['no challenge', { jti: undefined }],
    ['an empty challenge', { jti: '' }],
    ['a challenge that is no text', { jti: ['challenge'] }],
    ['a long challenge', { jti: 'a'.repeat(1025) }],
    ['another audience', { aud: 'https://evil.example/' }],
    ['several audiences', { aud: ['https://app.example/'] }],
    ['an audience that is null', { aud: null }],
    ['an iat of another day', { iat: SECONDS - 90_000 }],
    ['an iat of the future', { iat: SECONDS + 90_000 }],
    ['an iat as text', { iat: String(SECONDS) }],
    ['an exp that has passed', { exp: SECONDS - 1 }],
    ['an nbf of the future', { nbf: SECONDS + 90_000 }],
  ])('a payload with %s', async (_, payload) => {
    expect(readDeviceToken(await registration({ payload }), check)).toBeUndefined()
  })

  it('duplicate keys, also if one is escaped', async () => {
    const header = JSON.stringify({ alg: 'ES256', typ: 'dbsc+jwt', jwk: key.jwk })
    const texts: [string, string][] = [
      [header, '{"jti":"a","jti":"b"}'],
      [header, '{"jti":"a","\\u006ati":"b"}'],
      [`{"alg":"none",${header.slice(1)}`, '{"jti":"a"}'],
      [header.replace('"crv"', '"d":"","d":"","crv"'), '{"jti":"a"}'],
    ]
    for (const each of texts) expect(readDeviceToken(await key.token({ texts: each }), check)).toBeUndefined()
    expect(await isAccepted(await key.token({ texts: [header, ' { "jti" : "a", "b": {"jti": "c"}, "d": ["jti", "jti"] } '] }))).toBe(true)
  })

  it('text that is no UTF-8, or begins with a mark', async () => {
    const [head = '', , signature = ''] = (await registration()).split('.')
    for (const bytes of [Buffer.from('{"jti":"\xFF"}', 'latin1'), Buffer.from('\uFEFF{"jti":"a"}'), Buffer.from('["jti"]'), Buffer.from('null')])
      expect(readDeviceToken(`${head}.${bytes.toString('base64url')}.${signature}`, check)).toBeUndefined()
  })

  it('another number of parts, padding, spaces, and a changed last character', async () => {
    const token = await registration()
    const [head = '', claims = '', signature = ''] = token.split('.')
    const last = signature.at(-1)!
    // The last character has two unused bits.
    const twin = String.fromCharCode(last.charCodeAt(0) + 1)
    for (const text of [`${head}.${claims}`, `${token}.`, `${token}.${head}`, `${token}=`, ` ${token}`, `"${token}"`, `${head}=.${claims}.${signature}`, token.slice(0, -1) + twin, `${head}.${claims}.`, ''])
      expect(readDeviceToken(text, check)).toBeUndefined()
  })

  it('a signature in DER, by RSA, by HMAC with the public key, or of zeros', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const pem = createPublicKey({ key: key.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const der = (raw: Uint8Array) => Buffer.concat([Buffer.from([0x30, 0x44, 0x02, 0x20]), raw.slice(0, 32), Buffer.from([0x02, 0x20]), raw.slice(32)])
    const signers: ((signed: string) => Promise<Uint8Array>)[] = [
      async signed => der(await key.sign(signed)),
      async signed => createSign('sha256').update(signed).sign(rsa),
      async signed => createHmac('sha256', pem).update(signed).digest(),
      async signed => createHmac('sha512', pem).update(signed).digest(),
      async () => new Uint8Array(64),
      async () => new Uint8Array(0),
      async signed => (await DeviceKey.create()).sign(signed),
      async signed => key.sign(`${signed}x`),
    ]
    for (const sign of signers)
      expect(await isAccepted(await key.token({ header: { jwk: key.jwk }, payload: { jti: 'challenge' }, sign }))).toBe(false)
  })

  it('a key whose point is not on the curve', async () => {
    const { x } = (await DeviceKey.create()).jwk
    const zero = base64url(new Uint8Array(32))
    const most = base64url(new Uint8Array(32).fill(255))
    for (const jwk of [{ ...key.jwk, x }, { ...key.jwk, x: zero, y: zero }, { ...key.jwk, x: most, y: most }])
      expect(await isAccepted(await registration({ header: { jwk } }))).toBe(false)
  })

  it('a long token without reading it', async () => {
    const parse = vi.spyOn(JSON, 'parse')
    expect(readDeviceToken(await registration({ payload: { fill: 'a'.repeat(MAX_DEVICE_TOKEN_LENGTH) } }), check)).toBeUndefined()
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })
})

it('10,000 changed tokens are refused, and none throws', async () => {
  const token = await registration()
  const hostile = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.tuple(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 3 })).map(([at, text]) => token.slice(0, at) + text + token.slice(at + text.length)),
    fc.nat(token.length - 1).map(length => token.slice(0, length)),
    fc.tuple(fc.json(), fc.json(), fc.uint8Array({ minLength: 64, maxLength: 64 })).map(parts => parts.map(part => base64url(part)).join('.')),
    fc.tuple(fc.dictionary(fc.constantFrom('alg', 'typ', 'jwk', 'crit', 'kid'), fc.jsonValue()), fc.uint8Array({ minLength: 64, maxLength: 64 }))
      .map(([header, signature]) => [JSON.stringify({ alg: 'ES256', typ: 'dbsc+jwt', jwk: key.jwk, ...header }), '{"jti":"challenge"}', signature].map(part => base64url(part)).join('.')),
  ).filter(text => text !== token)
  await fc.assert(fc.asyncProperty(hostile, async text => !await isAccepted(text)), { numRuns: 10_000 })
}, 60_000)

it('base64url has one text for each content', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const text = base64url(bytes)
    expect(decodeBase64url(text)).toEqual(new Uint8Array(bytes))
  }))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ABab09-_+/= '), maxLength: 8 }), (text) => {
    const bytes = decodeBase64url(text)
    expect(bytes === undefined || base64url(bytes) === text).toBe(true)
  }))
})

it('strict JSON is JSON without a key twice', () => {
  const opened = (text: string) => text.replaceAll(/[^[{]/g, '').length
  fc.assert(fc.property(fc.json({ maxDepth: 2 }), text => void expect(parseStrictJson(text)).toEqual(opened(text) > 16 ? undefined : JSON.parse(text))))
  for (const text of ['', '{', '{"a":1,"a":1}', '[{"a":{"b":1,"b":2}}]', '{"a":1}}', '{"__proto__":1,"__proto__":2}']) expect(parseStrictJson(text)).toBeUndefined()
  // The strings and brackets of a header or a payload are about 20. To compare hundreds would make a flood dear.
  const members = (count: number) => Array.from({ length: count }, (_, index) => `"${index}":${index}`).join()
  expect(parseStrictJson(` {${members(62)}}`)).toHaveProperty('61', 61)
  expect(parseStrictJson(` {${members(63)}}`)).toBeUndefined()
  expect(parseStrictJson(`{${members(63)}}`), 'as a serializer writes it').toHaveProperty('62', 62)
  expect(parseStrictJson(`${'['.repeat(16)}${']'.repeat(16)}`)).toHaveLength(1)
  expect(parseStrictJson(`${'['.repeat(17)}${']'.repeat(17)}`), 'as a serializer writes it').toBeUndefined()
})
