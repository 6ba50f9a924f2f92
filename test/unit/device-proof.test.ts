import { describe, expect, it } from 'vitest'
import { proofCookieOf } from '../../src/runtime/core/device/proof-cookie-name'
import { checkProof, sealProof } from '../../src/runtime/core/device/proof'
import { sealText } from '../../src/runtime/core/seal/seal'
import { openToken } from '../../src/runtime/core/session/token'
import { createResolver, PASSWORD } from './support/app'

const NOW = Date.UTC(2031, 0, 1)
const config = createResolver()(undefined, { password: PASSWORD })
const PROVEN = { handle: 'handle', thumbprint: 'thumbprint' }
const check = (cookie: string | undefined, now = NOW) => checkProof(cookie, PROVEN, config, now)

describe('a proof', () => {
  it('proves its session and key until its end', async () => {
    const cookie = await sealProof(PROVEN, NOW + 300, config, NOW)
    expect(await check(cookie)).toEqual({ until: NOW + 300, isOfLogin: false })
    expect(await check(cookie, NOW + 299)).toEqual({ until: NOW + 300, isOfLogin: false })
    expect(await check(cookie, NOW + 300)).toEqual({ failure: 'expired' })
  })

  it.each([
    ['another session, of its login', { handle: 'other', thumbprint: undefined }],
    ['another key', { thumbprint: 'other' }],
  ])('is not for %s', async (_, other) => {
    expect(await check(await sealProof({ ...PROVEN, ...other }, NOW + 300, config, NOW))).toEqual({ failure: 'foreign' })
  })

  it('that was opened before has the same result for each session, key and time', async () => {
    const cookie = await sealProof(PROVEN, NOW + 300, config, NOW)
    for (const _ of [1, 2, 3]) {
      expect(await check(cookie)).toEqual({ until: NOW + 300, isOfLogin: false })
      expect(await checkProof(cookie, { handle: 'handle', thumbprint: 'other' }, config, NOW)).toEqual({ failure: 'foreign' })
      expect(await check(cookie, NOW + 300)).toEqual({ failure: 'expired' })
    }
  })

  it('is no session\'s token, and a token is no proof, also if both were opened before', async () => {
    const proof = await sealProof(PROVEN, NOW + 300, config, NOW)
    const token = await sealText(JSON.stringify({ id: 'id', createdAt: NOW, data: {}, name: 'h3' }), '', config, NOW)
    for (const _ of [1, 2, 3]) {
      expect([await check(proof), await check(token)]).toEqual([{ until: NOW + 300, isOfLogin: false }, { failure: 'invalid' }])
      expect([await openToken(proof, config, NOW), await openToken(token, config, NOW)]).toMatchObject([{ reason: 'malformed' }, { session: { id: 'id' } }])
    }
  })

  it('is not for another name', async () => {
    const other = createResolver()(undefined, { password: PASSWORD, name: 'other' })
    expect(await check(await sealProof(PROVEN, NOW + 300, other, NOW))).toEqual({ failure: 'foreign' })
  })

  it.each([undefined, ''])('is missing: %o', async (cookie) => {
    expect(await check(cookie)).toEqual({ failure: 'missing' })
  })

  it('is sealed as a proof', async () => {
    const contents = [null, [], {}, { ...PROVEN, name: 'h3' }, { ...PROVEN, name: 'h3', kind: 'device-challenge' }]
    for (const content of contents) expect(await check(await sealText(JSON.stringify(content), '', config, NOW))).toEqual({ failure: 'invalid' })
    for (const text of ['forged', 'Fe26.2**', 'a'.repeat(20_000)]) expect(await check(text)).toEqual({ failure: 'invalid' })
  })
})

it('the proof of a session has a cookie of its own', () => {
  expect(['h3', '__Host-session', '__Secure-session', '__Host-Http-session', '__Http-session'].map(proofCookieOf))
    .toEqual(['h3-device', '__Host-session-device', '__Secure-session-device', '__Host-session-device', '__Secure-session-device'])
})
