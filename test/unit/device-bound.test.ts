import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { PASSWORD } from './support/app'

const resolve = (options: SessionRuntimeConfig, name?: string) => resolveConfig({ name }, { password: PASSWORD, storage: 'session', ...options })

describe('deviceBound', () => {
  it.each<[unknown, number | undefined]>([
    [undefined, undefined], ['', undefined], [false, undefined], [true, 300], [{}, 300], [{ lifetime: '' }, 300], [{ lifetime: 60 }, 60], [{ lifetime: '90' }, 90],
  ])('%o is %o seconds', (value, seconds) => {
    expect(resolve({ deviceBound: value as never }).deviceBound).toBe(seconds)
  })

  it.each([1, 'yes', [], { lifetime: 0 }, { lifetime: -1 }, { lifetime: 1.5 }, { lifetime: 'long' }, { lifetime: true }, { lifetime: [60] }, { lifetime: 86_401 }])('may not be %o', (value) => {
    expect(() => resolve({ deviceBound: value as never })).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining('deviceBound') }))
  })

  it('needs a store', () => {
    expect(() => resolve({ deviceBound: true, storage: '' }))
      .toThrow(expect.objectContaining({ code: 'SESSION_STORE_REQUIRED', message: expect.stringContaining('deviceBound needs sessions in a store') }))
  })

  it.each<[string, SessionRuntimeConfig]>([
    ['Secure cookies', { cookie: { secure: false } }],
    ['the session\'s cookie', { cookie: false }],
    ['a cookie of one host', { cookie: { domain: 'example.com' } }],
    ['the endpoint below clientRoute', { clientRoute: false }],
  ])('needs %s', (what, options) => {
    expect(() => resolve({ deviceBound: true, ...options }))
      .toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining(`deviceBound needs ${what}`) }))
    expect(resolve(options).deviceBound).toBeUndefined()
  })

  it('can be switched off by name', () => {
    const options: SessionRuntimeConfig = { deviceBound: true, named: { cart: { deviceBound: false, storage: false }, admin: { deviceBound: { lifetime: 30 } } } }
    expect([undefined, 'cart', 'admin'].map(name => resolve(options, name).deviceBound)).toEqual([300, undefined, 30])
  })

  it('has its endpoint below clientRoute, with the name of a session that is not the default one', () => {
    expect(resolve({}).deviceRoute).toEqual({ path: '/api/_session/device', query: '' })
    expect(resolve({ clientRoute: '/me/', name: 'main' }, 'a&b').deviceRoute).toEqual({ path: '/me/device', query: '?name=a%26b' })
  })
})
