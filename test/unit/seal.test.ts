import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sealSession, unsealToken } from '../../src/runtime/core/seal/seal'
import { MAX_TOKEN_LENGTH } from '../../src/runtime/core/model/shape'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD, createResolver } from './support/app'

const NOW = Date.UTC(2031, 0, 1)
const SESSION = { id: 'id-1', createdAt: NOW, data: { a: 1 } }
const resolve = createResolver()
const config = (options: SessionConfig = {}) => resolve({ password: PASSWORD, ...options })
const seal = (options?: SessionConfig, session = SESSION) => sealSession(session, config(options), NOW)
const iterations = (count: number) => ({ encryption: { iterations: count }, integrity: { iterations: count } }) as SessionConfig['seal']

/** WebCrypto that counts its MACs and calls. */
function countingCrypto() {
  const count = { macs: 0, calls: 0 }
  const subtle = new Proxy(globalThis.crypto.subtle, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        count.calls++
        if (key === 'sign') count.macs++
        return Reflect.apply(method, target, args) as unknown
      }
    },
  })
  const crypto = { subtle, getRandomValues: globalThis.crypto.getRandomValues.bind(globalThis.crypto) } as Crypto
  return { count, crypto }
}

describe('a seal', () => {
  it('opens to the sealed session', async () => {
    expect(await unsealToken(await seal(), config(), NOW)).toMatchObject({ ok: true, value: SESSION, passwordIndex: 0, isFallback: false })
  })

  it('needs a promise with WebCrypto, and none with node:crypto', () => {
    expect(seal() instanceof Promise).toBe(process.env.TEST_SEALS !== 'node')
  })

  it('has iron\'s form, an empty password id, and no end if the session has none', async () => {
    expect(await seal()).toMatch(/^Fe26\.2\*\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*\*[0-9a-f]{64}\*[\w-]{43}$/)
  })

  it('ends with the session, or after seal.ttl', async () => {
    const end = async (options: SessionConfig) => Number((await seal(options)).split('*')[5])
    expect(await end({ maxAge: 60 })).toBe(NOW + 60_000)
    expect(await end({ maxAge: 60, idleTimeout: 30 })).toBe(NOW + 30_000)
    expect(await end({ maxAge: 60, seal: { ttl: 5000 } })).toBe(NOW + 5000)
  })

  it('ends to the millisecond, even if the machine\'s clock advances in the meantime', async () => {
    let machine = 0
    vi.spyOn(Date, 'now').mockImplementation(() => machine++)
    onTestFinished(() => void vi.restoreAllMocks())
    for (let times = 0; times < 5; times++)
      expect((await seal({ maxAge: 60 })).split('*')[5]).toBe(String(NOW + 60_000))
  })

  it('is expired at its end, without iron\'s 60 seconds of tolerance', async () => {
    const token = await seal({ seal: { ttl: 5000 } })
    expect(await unsealToken(token, config(), NOW + 4999)).toMatchObject({ ok: true })
    expect(await unsealToken(token, config(), NOW + 5000)).toMatchObject({ ok: false, reason: 'expired' })
    expect(await unsealToken(token, config({ seal: { timestampSkewSec: 60 } }), NOW + 60_000)).toMatchObject({ ok: true })
  })

  it('ends by our clock, not by the machine\'s', async () => {
    const past = Date.UTC(2020, 0, 1)
    const token = await sealSession(SESSION, config({ seal: { ttl: 5000 } }), past)
    expect(await unsealToken(token, config(), past + 4900)).toMatchObject({ ok: true })
    expect(await unsealToken(token, config(), past + 500_000)).toMatchObject({ ok: false, reason: 'expired' })
  })

  it('opens with the index of its password', async () => {
    const token = await seal({ password: OLD_PASSWORD })
    expect(await unsealToken(token, config({ password: [PASSWORD, OLD_PASSWORD] }), NOW)).toMatchObject({ ok: true, passwordIndex: 1 })
  })

  it('differs each time', async () => {
    expect(await seal()).not.toBe(await seal())
  })

  it.each<[expected: object, options: SessionConfig]>([
    [{ ok: true, isFallback: true }, { seal: iterations(2), legacySealFallback: true }],
    [{ ok: false, reason: 'tampered' }, { seal: iterations(2) }],
    [{ ok: true, isFallback: false }, { legacySealFallback: true }],
  ])('of one iteration is %j with %j', async (expected, options) => {
    expect(await unsealToken(await seal(), config(options), NOW)).toMatchObject(expected)
  })
})

describe('an invalid token', () => {
  const token = seal({ seal: { ttl: 1000 } })

  it.each<[reason: string, change: (parts: string[]) => string[]]>([
    ['malformed', () => ['']],
    ['malformed', () => ['nonsense']],
    ['malformed', parts => parts.slice(1)],
    ['malformed', parts => [...parts, 'more']],
    ['malformed', parts => parts.with(0, 'Fe26.1')],
    ['malformed', parts => parts.with(1, 'id')],
    ['malformed', parts => parts.with(3, '')],
    ['malformed', parts => parts.with(4, 'not base64!')],
    ['malformed', parts => parts.with(5, '1e9')],
    ['malformed', parts => parts.with(7, parts[7]!.slice(1))],
    ['malformed', parts => parts.with(7, `${parts[7]}\n`)],
    ['tampered', parts => parts.with(2, '0'.repeat(64))],
    ['tampered', parts => parts.with(3, 'A'.repeat(22))],
    ['tampered', parts => parts.with(4, `AAAA${parts[4]}`)],
    ['tampered', parts => parts.with(5, '')],
    ['tampered', parts => parts.with(5, '9'.repeat(300))],
    ['tampered', parts => parts.with(6, '0'.repeat(64))],
    ['tampered', parts => parts.with(7, 'A'.repeat(43))],
  ])('is %s, without a throw: %s', async (reason, change) => {
    const result = await unsealToken(change((await token).split('*')).join('*'), config(), NOW)
    expect(result).toEqual({ ok: false, reason })
  })

  it('is tampered, not expired, if the MAC is wrong', async () => {
    const forged = (await token).split('*').with(5, '1').join('*')
    expect(await unsealToken(forged, config(), NOW)).toEqual({ ok: false, reason: 'tampered' })
  })

  it.each(['', 'nonsense', `${'*'.repeat(7)}`, 'x'.repeat(MAX_TOKEN_LENGTH + 1)])('costs no crypto: %#', async (value) => {
    const { count, crypto } = countingCrypto()
    await unsealToken(value, config({ crypto }), NOW)
    expect(count.calls).toBe(0)
  })

  it('costs no crypto if it is a real seal longer than 16 KiB', async () => {
    const { count, crypto } = countingCrypto()
    const large = await seal({}, { ...SESSION, data: { a: 'x'.repeat(MAX_TOKEN_LENGTH) } as never })
    expect(await unsealToken(large, config({ crypto }), NOW)).toEqual({ ok: false, reason: 'malformed' })
    expect(count.calls).toBe(0)
  })

  it.each<[passwords: number, macs: number]>([[1, 1], [4, 4]])('with a forged MAC costs one MAC per password: %i', async (passwords, macs) => {
    const { count, crypto } = countingCrypto()
    const forged = (await token).replace(/.{43}$/, 'A'.repeat(43))
    await unsealToken(forged, config({ crypto, password: Array.from({ length: passwords }, (_, index) => PASSWORD + index) }), NOW)
    expect(count.macs).toBe(macs)
  })
})
