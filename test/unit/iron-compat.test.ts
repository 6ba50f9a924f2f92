import * as hapi from '@hapi/iron'
import * as web from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { sealSession, unsealToken } from '../../src/runtime/core/seal/seal'
import { PASSWORD, createResolver, webCrypto } from './support/app'

const NOW = Date.now()
const resolve = createResolver()
const SESSION = { id: 'id', createdAt: NOW, data: { text: 'grüße 😀 \u2028', deep: { list: [1, null, 'a'] } } }
const times = (iterations: number) => ({
  ...web.defaults,
  encryption: { ...web.defaults.encryption, iterations },
  integrity: { ...web.defaults.integrity, iterations },
})

const irons = [
  ['iron-webcrypto', (seal: string, options: web.SealOptions) => web.unseal(webCrypto, seal, PASSWORD, options),
    (value: object, options: web.SealOptions) => web.seal(webCrypto, value, PASSWORD, options)],
  ['@hapi/iron', (seal: string, options: web.SealOptions) => hapi.unseal(seal, PASSWORD, options as hapi.SealOptions) as Promise<unknown>,
    (value: object, options: web.SealOptions) => hapi.seal(value, PASSWORD, options as hapi.SealOptions)],
] as const

describe.each(irons)('%s', (_, unseal, seal) => {
  it.each([1, 2, 8192])('opens our seals of %i iterations, and we open its seals', async (iterations) => {
    const config = resolve({ password: PASSWORD, seal: times(iterations) })
    expect(await unseal(await sealSession(SESSION, config, NOW), times(iterations))).toEqual(SESSION)
    expect(await unsealToken(await seal(SESSION, times(iterations)), config, NOW)).toMatchObject({ ok: true, value: SESSION })
  })

  it('agrees with us on the end of a seal', async () => {
    const config = resolve({ password: PASSWORD, maxAge: 60 })
    const old = await sealSession({ ...SESSION, createdAt: NOW - 200_000 }, config, NOW - 150_000)
    await expect(unseal(old, web.defaults)).rejects.toThrow('Expired')
    const theirs = await seal(SESSION, { ...web.defaults, ttl: 60_000 })
    expect(await unsealToken(theirs, config, NOW + 59_000)).toMatchObject({ ok: true })
    expect(await unsealToken(theirs, config, Date.now() + 60_000)).toMatchObject({ ok: false, reason: 'expired' })
  })
})
