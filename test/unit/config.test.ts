import { defaults } from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import type { SealCodec, SealCodecOptions } from '../../src/runtime/core/config/seal-openers'
import type { SessionConfig, SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD } from './support/app'

const resolve = (call?: SessionConfig, runtime?: SessionRuntimeConfig) => resolveConfig(call, { password: PASSWORD, ...runtime })

describe('defaults', () => {
  it('are the documented ones', () => {
    expect(resolve()).toMatchObject({
      name: 'h3',
      passwords: [PASSWORD],
      maxAge: undefined,
      idleTimeout: undefined,
      cookie: { path: '/', httpOnly: true, secure: 'auto', sameSite: 'lax', chunkMaxLength: 4000, maxBytes: 7168 },
      sessionHeader: 'x-h3-session',
      saveUninitialized: true,
      acceptUnnamed: true,
      legacySealFallback: false,
      cacheHeaders: true,
      isCached: true,
    })
    expect(resolve().seal).toEqual({ ...defaults, timestampSkewSec: 0 })
  })

  it.each(['', null, undefined])('are used if a key is %o', (unset) => {
    // The options of a codec instead of the codec, because closures are never equal.
    const createCodec = (options: SealCodecOptions) => options as unknown as SealCodec
    const resolve = (call?: SessionConfig, runtime?: SessionRuntimeConfig) => resolveConfig(call, { password: PASSWORD, ...runtime }, { createCodec })
    const keys = ['name', 'maxAge', 'idleTimeout', 'cookie', 'sessionHeader', 'saveUninitialized', 'acceptUnnamed', 'legacySealFallback', 'cacheHeaders', 'caches', 'seal', 'storage', 'generateId', 'crypto']
    const empty = Object.fromEntries(keys.map(key => [key, unset]))
    expect(resolve(empty, { ...empty, named: unset as never })).toEqual(resolve())
    expect(resolve({ cookie: { path: unset, secure: unset, sameSite: unset, domain: unset, maxAge: unset } as never })).toEqual(resolve())
  })
})

describe('precedence', () => {
  it('is call, then named, then runtime config, key by key', () => {
    const runtime: SessionRuntimeConfig = {
      maxAge: 1, idleTimeout: 1, saveUninitialized: false, cookie: { path: '/r', domain: 'r.example', maxBytes: 1000 },
      named: { cart: { maxAge: 2, idleTimeout: 2, cookie: { path: '/n', domain: 'n.example' } } },
    }
    expect(resolve({ name: 'cart', maxAge: 3, cookie: { path: '/c' } }, runtime)).toMatchObject({
      maxAge: 3, idleTimeout: 2, saveUninitialized: false,
      cookie: { path: '/c', domain: 'n.example', maxBytes: 1000, httpOnly: true },
    })
    expect(resolve(undefined, runtime)).toMatchObject({ name: 'h3', maxAge: 1, cookie: { path: '/r' } })
  })

  it('finds the options of the name that the runtime config sets', () => {
    expect(resolve(undefined, { name: 'app', named: { app: { maxAge: 5 } } })).toMatchObject({ name: 'app', maxAge: 5 })
  })

  it('replaces arrays of passwords', () => {
    expect(resolve({ password: [OLD_PASSWORD] }, { password: [PASSWORD, OLD_PASSWORD] }).passwords).toEqual([OLD_PASSWORD])
  })

  it('merges seal one level deep', () => {
    const { seal } = resolve({ seal: { ttl: 5 } }, { seal: { integrity: { iterations: 8192 }, encryption: { iterations: 8192 } } as never })
    expect(seal).toMatchObject({ ttl: 5, integrity: { iterations: 8192, minPasswordlength: 32 }, encryption: { iterations: 8192, saltBits: 256 } })
  })

  it('lets false switch the cookie off, and a call switch it on again', () => {
    expect(resolve({ cookie: false }, { cookie: { path: '/r' } }).cookie).toBe(false)
    expect(resolve({}, { cookie: false }).cookie).toBe(false)
    expect(resolve({ cookie: { path: '/c' } }, { cookie: false }).cookie).toMatchObject({ path: '/c' })
  })

  it('is for our own session if another module has one with the configured name', () => {
    const runtime = { name: 'theirs', sharedWith: 'another module', ownName: 'app', maxAge: 1, named: { app: { maxAge: 5 } } }
    expect(resolve(undefined, runtime)).toMatchObject({ name: 'app', maxAge: 5, sharedWith: undefined })
    expect(resolve({ name: 'theirs' }, runtime)).toMatchObject({ name: 'theirs', maxAge: 1, sharedWith: 'another module' })
  })

  it('lets false in a named session unset what it inherits', () => {
    const runtime: SessionRuntimeConfig = {
      maxAge: 60, idleTimeout: 30, storage: 'kept', migrateUntil: '2031-01-01', record: { userAgent: true }, cookie: { domain: 'example.com', maxAge: 60, priority: 'high' },
      named: { cart: { maxAge: false, idleTimeout: false, storage: false, migrateUntil: false, record: false, cookie: { domain: false, maxAge: false, priority: false } } },
    }
    const { cookie, ...cart } = resolve({ name: 'cart' }, runtime)
    expect(cart).toMatchObject({ maxAge: undefined, idleTimeout: undefined, storage: undefined, migrateUntil: undefined, record: {} })
    expect(cookie).not.toHaveProperty('domain')
    expect(cookie).not.toHaveProperty('maxAge')
    expect(cookie).not.toHaveProperty('priority')
    expect(resolve(undefined, runtime)).toMatchObject({ maxAge: 60, idleTimeout: 30, storage: 'kept', cookie: { domain: 'example.com', maxAge: 60, priority: 'high' } })
  })

  it('takes nothing from the prototype of named', () => {
    expect(resolve({ name: 'constructor' }, { named: {} })).toMatchObject({ name: 'constructor', maxAge: undefined })
  })
})

describe('values from the environment', () => {
  it.each<[key: 'maxAge' | 'idleTimeout', given: unknown, seconds: number | undefined]>([
    ['maxAge', '60', 60], ['maxAge', 60, 60], ['maxAge', 0, undefined], ['maxAge', '0', undefined], ['idleTimeout', '1.5', 1.5],
  ])('%s %o is %o seconds', (key, given, seconds) => {
    expect(resolve({ [key]: given })[key]).toBe(seconds)
  })

  it('accept a number as a name', () => {
    expect(resolve(undefined, { name: 42 as never })).toMatchObject({ name: '42', sessionHeader: 'x-42-session' })
  })

  it.each([['Lax', 'lax'], ['STRICT', 'strict'], ['None', 'none']])('take SameSite %s', (given, sameSite) => {
    expect(resolve({ cookie: { sameSite: given as never } }).cookie).toMatchObject({ sameSite })
  })
})

describe('the name', () => {
  it('keeps its case, and the header is lower case', () => {
    expect(resolve({ name: 'MyApp' })).toMatchObject({ name: 'MyApp', sessionHeader: 'x-myapp-session' })
    expect(resolve({ sessionHeader: 'X-Token' }).sessionHeader).toBe('x-token')
    expect(resolve({ sessionHeader: false }).sessionHeader).toBe(false)
  })

  it.each<[name: string, cookie: SessionConfig['cookie'], secure: unknown]>([
    ['h3', {}, 'auto'], ['h3', { secure: true }, true], ['h3', { secure: false }, false],
    ['h3', { sameSite: 'none' }, true], ['h3', { partitioned: true }, true], ['__Host-h3', {}, true], ['__Secure-h3', {}, true],
  ])('%s with %j is Secure: %o', (name, cookie, secure) => {
    expect(resolve({ name, cookie }).cookie).toMatchObject({ secure })
  })
})

describe('passwords', () => {
  it.each<[code: string, password: unknown]>([
    ['SESSION_PASSWORD_MISSING', ''], ['SESSION_PASSWORD_MISSING', undefined], ['SESSION_PASSWORD_MISSING', []], ['SESSION_PASSWORD_MISSING', ['']],
    ['SESSION_PASSWORD_WEAK', 'x'.repeat(31)], ['SESSION_PASSWORD_WEAK', [PASSWORD, 'short']],
    ['SESSION_CONFIG_INVALID', Array.from({ length: 5 }, () => PASSWORD)], ['SESSION_CONFIG_INVALID', 12345], ['SESSION_CONFIG_INVALID', [PASSWORD, 5]],
  ])('throw %s for %j', (code, password) => {
    expect(() => resolveConfig({ password: password as string }, undefined)).toThrow(expect.objectContaining({ code, statusCode: 500 }))
  })

  it.each<[password: unknown]>([[12345], [true], [[PASSWORD, 5]]])('that the environment made of a short text are weak: %j', (password) => {
    expect(() => resolveConfig(undefined, { password: password as string })).toThrow(expect.objectContaining({ code: 'SESSION_PASSWORD_WEAK' }))
  })

  it('of 32 characters, and four of them, are accepted', () => {
    expect(resolve({ password: 'x'.repeat(32) }).passwords).toHaveLength(1)
    expect(resolve({ password: Array.from({ length: 4 }, () => PASSWORD) }).passwords).toHaveLength(4)
  })

  it('are named by their variable, and their values are never shown', () => {
    const weak = () => resolveConfig({ password: 'my-weak-password' }, undefined, { passwordVariable: 'APP_SESSION_PASSWORD' })
    expect(weak).toThrow('[nuxt-h3-session] SESSION_PASSWORD_WEAK: a password has 16 characters, at least 32 are needed. Set APP_SESSION_PASSWORD to a longer random text.')
    expect(() => resolveConfig(undefined, undefined)).toThrow('Set the environment variable NUXT_SESSION_PASSWORD')
  })

  it('are not required if nothing is sealed', () => {
    expect(resolveConfig(undefined, undefined, { needsPassword: false }).passwords).toEqual([])
  })
})

describe('a wrong configuration', () => {
  it.each<[what: string, config: object]>([
    ['a negative maxAge', { maxAge: -1 }],
    ['a maxAge that is not a number', { maxAge: 'soon' }],
    ['an infinite maxAge', { maxAge: Infinity }],
    ['an idleTimeout that is true', { idleTimeout: true }],
    ['a name with a space', { name: 'my app' }],
    ['a name with ;', { name: 'a;b' }],
    ['a name __proto__', { name: '__proto__' }],
    ['a header with a colon', { sessionHeader: 'x:y' }],
    ['a header that is true', { sessionHeader: true }],
    ['a text for a boolean', { saveUninitialized: 'no' }],
    ['a number for a boolean', { acceptUnnamed: 1 }],
    ['an unknown value of caches', { caches: 'tokens' as never }],
    ['a cookie that is true', { cookie: true }],
    ['a cookie that is an array', { cookie: [] }],
    ['no iterations', { seal: { integrity: { iterations: 0 } } }],
    ['half an iteration', { seal: { encryption: { iterations: 1.5 } } }],
    ['a storage that is an object', { storage: {} as never }],
    ['a storeTimeout of 0', { storeTimeout: 0 }],
    ['an invalid date', { migrateUntil: 'soon' }],
    ['a record with an unknown source', { record: { ip: 'header' as never } }],
    ['a record that is true', { record: true as never }],
  ])('throws for %s', (_, config) => {
    expect(() => resolve(config)).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', statusCode: 500 }))
    expect(() => resolve(undefined, config)).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
  })

  it.each(['text', 5, []])('throws for options that are %o', (options) => {
    expect(() => resolveConfig(options as never, { password: PASSWORD })).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
    expect(() => resolve({ name: 'a' }, { named: { a: options as never } })).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
  })
})
