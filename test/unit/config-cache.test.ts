import { describe, expect, it } from 'vitest'
import { ConfigCache } from '../../src/runtime/core/config/cache'
import { createWebCodec } from '../../src/runtime/core/seal/web-codec'
import type { SessionConfig, SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD } from './support/app'

const RUNTIME: SessionRuntimeConfig = { password: PASSWORD }

/** A cache that counts how often options were resolved. */
function createCache() {
  const count = { resolved: 0 }
  const cache = new ConfigCache({
    createCodec: (options) => {
      count.resolved++
      return createWebCodec(options)
    },
  })
  const config = (call?: SessionConfig, runtime: SessionRuntimeConfig | undefined = RUNTIME) => cache.resolve(call, runtime).config
  return { cache, config, count }
}

describe('the options of a call', () => {
  it('give one object for equal literals', () => {
    const { cache, config, count } = createCache()
    const literal = () => ({ name: 'cart', maxAge: 60, cookie: { path: '/cart', expires: new Date(1) }, password: [PASSWORD, OLD_PASSWORD] })
    const first = config(literal())
    expect(config(literal())).toBe(first)
    expect(cache.resolve(literal(), { ...RUNTIME })).toBe(cache.resolve(literal(), { ...RUNTIME }))
    expect(first).toMatchObject({ name: 'cart', maxAge: 60, passwords: [PASSWORD, OLD_PASSWORD] })
    expect(count.resolved).toBe(2)
  })

  it('give one object for calls without options', () => {
    const { config, count } = createCache()
    expect(config()).toBe(config())
    expect(config({})).toMatchObject({ name: 'h3' })
    expect(count.resolved).toBe(2)
  })

  it('give another object for each difference', () => {
    const { config } = createCache()
    const calls: SessionConfig[] = [{}, { name: 'a' }, { name: 'b' }, { maxAge: 60 }, { maxAge: 61 }, { cookie: false }, { cookie: { path: '/a' } }]
    const configs = calls.map(call => config(call))
    expect(new Set(configs).size).toBe(calls.length)
    expect(calls.map(call => config(call))).toEqual(configs)
    calls.forEach((call, index) => expect(config({ ...call })).toBe(configs[index]))
  })

  it('are never confused with those of a call with other keys', () => {
    const { config } = createCache()
    config({ password: OLD_PASSWORD })
    expect(config({ maxAge: undefined }).passwords).toEqual([PASSWORD])
    config({ cookie: false, maxAge: 60 })
    expect(config({ name: undefined, idleTimeout: undefined })).toMatchObject({ maxAge: undefined, cookie: { path: '/' } })
  })

  it('follow a change of the call\'s own object', () => {
    const { config } = createCache()
    const call = { maxAge: 60, cookie: { path: '/a' }, password: [PASSWORD] }
    const first = config(call)
    call.maxAge = 120
    expect(config(call).maxAge).toBe(120)
    call.cookie.path = '/b'
    expect(config(call).cookie).toMatchObject({ path: '/b' })
    call.password.unshift(OLD_PASSWORD)
    expect(config(call).passwords).toEqual([OLD_PASSWORD, PASSWORD])
    expect(first).toMatchObject({ maxAge: 60, cookie: { path: '/a' }, passwords: [PASSWORD] })
  })

  it('follow a changed date, and do not change with the date of another call', () => {
    const { config } = createCache()
    const expires = new Date(1)
    config({ cookie: { expires } })
    expires.setTime(2)
    expect(config({ cookie: { expires } }).cookie).toMatchObject({ expires: new Date(2) })
    expect(config({ cookie: { expires: new Date(1) } }).cookie).toMatchObject({ expires: new Date(1) })
  })

  it('contain the same function and Crypto as the call', () => {
    const { config } = createCache()
    const [one, other] = [() => 'id', () => 'id']
    const first = config({ generateId: one, crypto: globalThis.crypto })
    expect([first.generateId, first.crypto]).toEqual([one, globalThis.crypto])
    expect(config({ generateId: one, crypto: globalThis.crypto })).toBe(first)
    expect(config({ generateId: other, crypto: globalThis.crypto }).generateId).toBe(other)
  })

  it('are cached for the last 32 calls', () => {
    const { config, count } = createCache()
    const resolve = (maxAge: number) => config({ maxAge })
    for (let maxAge = 1; maxAge <= 33; maxAge++) resolve(maxAge)
    expect(count.resolved).toBe(33)
    for (let maxAge = 2; maxAge <= 33; maxAge++) expect(resolve(maxAge).maxAge).toBe(maxAge)
    expect(count.resolved).toBe(33)
    resolve(1)
    expect(count.resolved).toBe(34)
    resolve(2)
    expect(count.resolved).toBe(35)
  })
})

describe('the runtime config', () => {
  it('is resolved once for equal content', () => {
    const { config, count } = createCache()
    const runtime = (): SessionRuntimeConfig => ({ password: PASSWORD, maxAge: '' as never, named: { cart: { maxAge: 5 } }, cookie: { path: '/' } })
    const first = config(undefined, runtime())
    expect(config(undefined, runtime())).toBe(first)
    expect(count.resolved).toBe(1)
  })

  it('is compared in each request, so a change in place has an effect', () => {
    const { config } = createCache()
    const runtime = { password: PASSWORD, cookie: { path: '/a' }, named: { cart: { maxAge: 5 } } }
    const first = config({ name: 'cart' }, runtime)
    runtime.password = OLD_PASSWORD
    expect(config({ name: 'cart' }, runtime).passwords).toEqual([OLD_PASSWORD])
    runtime.named.cart.maxAge = 6
    expect(config({ name: 'cart' }, runtime).maxAge).toBe(6)
    runtime.cookie.path = '/b'
    expect(config({ name: 'cart' }, runtime).cookie).toMatchObject({ path: '/b' })
    expect(first).toMatchObject({ passwords: [PASSWORD], maxAge: 5, cookie: { path: '/a' } })
  })

  it('of another environment is resolved again, and nothing of the first is used', () => {
    const { config } = createCache()
    const [one, other] = [Object.freeze({ password: PASSWORD }), Object.freeze({ password: OLD_PASSWORD })]
    const first = config(undefined, one)
    expect(config(undefined, other).passwords).toEqual([OLD_PASSWORD])
    const again = config(undefined, one)
    expect(again.passwords).toEqual([PASSWORD])
    expect(again).not.toBe(first)
  })

  it('no longer has an effect when it is gone', () => {
    const { cache, config } = createCache()
    const call = { password: PASSWORD }
    expect(config(call, { password: '', maxAge: 60 }).maxAge).toBe(60)
    expect(cache.resolve(call, undefined).config.maxAge).toBeUndefined()
  })

  it('is compared by identity if it is frozen', () => {
    const { config } = createCache()
    let reads = 0
    const runtime = Object.freeze({ get password() {
      reads++
      return PASSWORD
    } })
    const first = config(undefined, runtime)
    reads = 0
    expect(config(undefined, runtime)).toBe(first)
    expect(reads).toBe(0)
  })
})

describe('an error', () => {
  it('is thrown each time, and no longer when the options are corrected', () => {
    const { config } = createCache()
    const call = { password: 'short' }
    for (let times = 0; times < 2; times++) expect(() => config(call)).toThrow(expect.objectContaining({ code: 'SESSION_PASSWORD_WEAK' }))
    call.password = OLD_PASSWORD
    expect(config(call).passwords).toEqual([OLD_PASSWORD])
  })

  it('of the runtime config ends when that is corrected', () => {
    const { config } = createCache()
    const runtime = { password: '' }
    for (let times = 0; times < 2; times++) expect(() => config(undefined, runtime)).toThrow(expect.objectContaining({ code: 'SESSION_PASSWORD_MISSING' }))
    runtime.password = PASSWORD
    expect(config(undefined, runtime).passwords).toEqual([PASSWORD])
  })

  it('evicts no cached options', () => {
    const { config, count } = createCache()
    const first = config()
    for (let times = 0; times < 40; times++) expect(() => config({ maxAge: -1 - times })).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
    expect(config()).toBe(first)
    expect(count.resolved).toBe(1)
  })
})

describe('the app\'s other sessions', () => {
  it('are those of the runtime config except the call\'s own', () => {
    const { cache } = createCache()
    const runtime = { password: PASSWORD, name: 'app', named: { cart: { maxAge: 5 }, wish: {} } }
    expect(cache.resolve({ name: 'cart' }, runtime).siblings.names).toEqual(['app', 'wish'])
    const { siblings } = cache.resolve(undefined, runtime)
    expect(siblings.names).toEqual(['cart', 'wish'])
    expect(siblings.resolve('cart')).toMatchObject({ name: 'cart', maxAge: 5, passwords: [PASSWORD] })
  })

  it('are none without a runtime config', () => {
    const { cache } = createCache()
    expect(cache.resolve({ password: PASSWORD }, undefined).siblings.names).toEqual([])
    expect(cache.resolve({ password: PASSWORD, name: 'other' }, undefined).siblings.names).toEqual(['h3'])
  })
})

describe('the trusted origins', () => {
  it('are parsed once, and again when they change', () => {
    const { cache } = createCache()
    const runtime = (origin: string): SessionRuntimeConfig => ({ ...RUNTIME, trustedOrigins: [origin] })
    const first = cache.originsOf(runtime('https://a.example'))
    expect(cache.originsOf(runtime('https://a.example'))).toBe(first)
    cache.resolve({ maxAge: 60 }, runtime('https://a.example'))
    expect(cache.originsOf(runtime('https://a.example'))).toBe(first)
    cache.resolve(undefined, runtime('https://b.example'))
    expect(cache.originsOf(runtime('https://b.example')).trusted).toEqual(new Set(['https://b.example']))
  })
})
