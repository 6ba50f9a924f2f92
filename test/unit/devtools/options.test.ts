import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { declareRuntimeConfig } from '../../../src/build/runtime-config'
import type { SessionConfig, SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import { describeOptions } from '../../../src/runtime/server/devtools/options'
import { OLD_PASSWORD, PASSWORD } from '../support/app'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/** As Nuxt does it: the configuration is declared at build time, and the environment is applied at the start. */
function describeApp(config: SessionRuntimeConfig, { name = 'h3', calls = [], variables = {} }: { name?: string, calls?: SessionConfig[], variables?: Record<string, string> } = {}) {
  const { options } = describeOptions({ hash }, name, { runtime: declareRuntimeConfig([config]), isPlainDevelopment: false, calls, variables, prefixes: ['NUXT_', 'NITRO_'] })
  return (option: string) => {
    const { option: _, ...fact } = options.find(fact => fact.option === option) ?? expect.unreachable(option)
    return fact
  }
}

describe('an effective option', () => {
  it('comes from the defaults, also if they depend on other options', () => {
    const option = describeApp({})
    expect(option('maxAge')).toEqual({ from: 'default' })
    expect(option('cookie.sameSite')).toEqual({ value: '"lax"', from: 'default' })
    expect(option('saveUninitialized')).toEqual({ value: 'true', from: 'default' })
    expect(option('sessionHeader')).toEqual({ value: '"x-h3-session"', from: 'default' })
    expect(option('seal.encryption.iterations')).toEqual({ value: '1', from: 'default' })
    expect(option('clientKeys')).toEqual({ value: '["public"]', from: 'default' })
  })

  it('comes from the configuration, that of the name before that of the app', () => {
    const config = { maxAge: 60, cookie: { sameSite: 'strict' as const }, named: { cart: { maxAge: 600, storage: true } } }
    expect(describeApp(config)('maxAge')).toEqual({ value: '60', from: 'config', at: 'session.maxAge' })
    const cart = describeApp(config, { name: 'cart' })
    expect(cart('maxAge')).toEqual({ value: '600', from: 'config', at: 'session.named.cart.maxAge' })
    expect(cart('storage')).toEqual({ value: '"session"', from: 'config', at: 'session.named.cart.storage' })
    expect(cart('cookie.sameSite')).toEqual({ value: '"strict"', from: 'config', at: 'session.cookie.sameSite' })
  })

  it('comes from the preset, unless the app sets it', () => {
    const option = describeApp({ preset: 'strict', idleTimeout: 60 }, { name: '__Host-Http-session' })
    expect(option('maxAge')).toEqual({ value: '86400', from: 'preset', at: 'strict' })
    expect(option('crossOrigin')).toEqual({ value: '"refuse"', from: 'preset', at: 'strict' })
    expect(option('idleTimeout')).toEqual({ value: '60', from: 'config', at: 'session.idleTimeout' })
  })

  it('comes from the environment, also if it has the value of the default', () => {
    const variables = { NUXT_SESSION_COOKIE_SAME_SITE: 'lax', NITRO_SESSION_STORE_TIMEOUT: '500', NUXT_SESSION_NAMED_CART_MAX_AGE: '5' }
    const option = describeApp({ storeTimeout: 500, named: { cart: { maxAge: 5 } } }, { name: 'cart', variables })
    expect(option('cookie.sameSite')).toEqual({ value: '"lax"', from: 'environment', at: 'NUXT_SESSION_COOKIE_SAME_SITE' })
    expect(option('storeTimeout')).toEqual({ value: '500', from: 'environment', at: 'NITRO_SESSION_STORE_TIMEOUT' })
    expect(option('maxAge')).toEqual({ value: '5', from: 'environment', at: 'NUXT_SESSION_NAMED_CART_MAX_AGE' })
  })

  it('has the other values that calls give', () => {
    const option = describeApp({ maxAge: 60 }, { calls: [{ maxAge: 60 }, { maxAge: 5 }, { maxAge: 5, cookie: { path: '/a' } }, { generateId: () => 'x' }] })
    expect(option('maxAge')).toMatchObject({ value: '60', calls: ['5'] })
    expect(option('cookie.path')).toMatchObject({ value: '"/"', calls: ['"/a"'] })
    expect(option('generateId')).toEqual({ from: 'default', calls: ['a function of the app'] })
  })

  it('is the cookie as a whole, if there is none', () => {
    const option = describeApp({ cookie: false })
    expect(option('cookie')).toEqual({ value: 'false', from: 'config', at: 'session.cookie' })
    expect(() => option('cookie.path')).toThrow()
  })
})

it('a password is shown as a fingerprint only', () => {
  const calls = [{ password: OLD_PASSWORD }]
  const { options } = describeOptions({ hash }, 'h3', { runtime: { password: [PASSWORD, OLD_PASSWORD] }, isPlainDevelopment: false, calls, variables: { NUXT_SESSION_PASSWORD: 'x' }, prefixes: ['NUXT_'] })
  const [first, second] = [PASSWORD, OLD_PASSWORD].map(password => hash(password).slice(0, 8))
  expect(options.find(({ option }) => option === 'password')).toEqual({ option: 'password', value: `${first}, ${second}`, from: 'environment', at: 'NUXT_SESSION_PASSWORD', calls: [second] })
  for (const password of [PASSWORD, OLD_PASSWORD]) expect(JSON.stringify(options)).not.toContain(password)
})
