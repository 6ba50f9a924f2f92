import { describe, expect, it } from 'vitest'
import { CONFIG_DEFAULTS } from '../../src/runtime/core/config/resolve'
import { assertCookie, assertCookieName, assertHeaderName, needsSecure } from '../../src/runtime/core/config/cookie'
import type { SessionCookieOptions } from '../../src/runtime/core/model/types'

const check = (name: string, cookie: object) => () => assertCookie(name, { ...CONFIG_DEFAULTS.cookie, ...cookie } as SessionCookieOptions)
const invalid = expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' })

describe('a cookie that browsers reject', () => {
  it.each<[name: string, cookie: object]>([
    ['h3', { sameSite: 'none', secure: false }],
    ['h3', { partitioned: true, secure: false }],
    ['__Secure-h3', { secure: false }],
    ['__Host-h3', { secure: false }],
    ['__Host-h3', { path: '/app' }],
    ['__Host-h3', { domain: 'example.com' }],
    ['__host-h3', { domain: 'example.com' }],
    ['__Http-h3', { httpOnly: false }],
    ['__Http-h3', { secure: false }],
    ['__http-h3', { httpOnly: false }],
    ['__Host-Http-h3', { httpOnly: false }],
    ['__host-http-h3', { httpOnly: false }],
    ['__Host-Http-h3', { secure: false }],
    ['__Host-Http-h3', { path: '/app' }],
    ['__Host-Http-h3', { domain: 'example.com' }],
  ])('throws: %s %j', (name, cookie) => {
    expect(check(name, cookie)).toThrow(invalid)
  })

  it.each<[name: string, cookie: object]>([
    ['h3', { sameSite: 'none' }], ['h3', { sameSite: 'none', secure: true }], ['h3', { partitioned: true }],
    ['h3', { secure: false }], ['__Secure-h3', { domain: 'example.com', path: '/app' }], ['__Host-h3', {}],
    ['__Host-h3', { httpOnly: false }], ['__Secure-h3', { httpOnly: false }], ['__Http-h3', { domain: 'example.com', path: '/app' }], ['__Host-Http-h3', {}],
  ])('is not: %s %j', (name, cookie) => {
    expect(check(name, cookie)).not.toThrow()
  })

  it('throws with the fix', () => {
    expect(check('__Http-h3', { httpOnly: false })).toThrow('browsers refuse the cookie "__Http-h3" without HttpOnly. Leave cookie.httpOnly unset, or choose a name without this prefix.')
    expect(check('h3', { sameSite: 'none', secure: false }))
      .toThrow('[nuxt-h3-session] SESSION_CONFIG_INVALID: browsers refuse cookie.sameSite "none" without Secure. Leave cookie.secure unset or set it to true.')
  })
})

describe('a cookie option of a wrong type', () => {
  it.each<[cookie: object]>([
    [{ path: 'app' }], [{ path: '' }], [{ path: '/;x' }], [{ path: 5 }], [{ domain: 'a;b' }], [{ domain: 'a\nb' }], [{ domain: true }],
    [{ httpOnly: 'yes' }], [{ secure: 1 }], [{ partitioned: 'true' }], [{ sameSite: 'loose' }], [{ sameSite: 1 }], [{ priority: 'urgent' }],
    [{ expires: 'tomorrow' }], [{ expires: new Date('x') }], [{ encode: 'base64' }], [{ maxAge: 'x' }], [{ maxAge: Infinity }],
    [{ chunkMaxLength: 0 }], [{ chunkMaxLength: 1.5 }], [{ maxBytes: '7168' }], [{ maxBytes: -1 }],
  ])('throws: %j', (cookie) => {
    expect(check('h3', cookie)).toThrow(invalid)
  })

  it.each<[cookie: object]>([
    [{ sameSite: true }], [{ sameSite: false }], [{ sameSite: 'strict' }], [{ priority: 'high' }], [{ domain: '.example.com' }],
    [{ expires: new Date(0) }], [{ encode: (value: string) => value }], [{ maxAge: 0 }], [{ httpOnly: false }], [{ chunkMaxLength: 1 }],
  ])('is not %j', (cookie) => {
    expect(check('h3', cookie)).not.toThrow()
  })
})

describe('names', () => {
  it.each(['h3', 'nuxt-session', '__Host-h3', 'a.b', 'A_1', '!#$%&\'*+-.^`|~'])('of cookies and headers may be %s', (name) => {
    expect(() => assertCookieName(name)).not.toThrow()
    expect(() => assertHeaderName(name)).not.toThrow()
  })

  it.each(['', 'a b', 'a=b', 'a;b', 'a,b', 'a\r\nSet-Cookie: x', 'ä', '"a"', 5, null, undefined, {}])('may not be %o', (name) => {
    expect(() => assertCookieName(name)).toThrow(invalid)
    expect(() => assertHeaderName(name)).toThrow(invalid)
  })

  it('may not be the key of prototypes, and the message says so', () => {
    expect(() => assertCookieName('__proto__')).toThrow('Use letters, digits, "-" and "_", but not "__proto__".')
  })

  it('are cut, and on one line, in messages', () => {
    expect(() => assertCookieName(`a\nb${'c'.repeat(100)}`)).toThrow(`"a\\nb${'c'.repeat(37)}" is not a valid cookie name`)
  })
})

it.each<[name: string, cookie: SessionCookieOptions, needs: boolean]>([
  ['h3', {}, false], ['h3', { sameSite: 'lax' }, false], ['h3', { sameSite: 'none' }, true], ['h3', { partitioned: true }, true],
  ['__Host-a', {}, true], ['__Secure-a', {}, true], ['__secure-a', {}, true], ['__Http-a', {}, true], ['__Host-Http-a', {}, true], ['__Https-a', {}, false], ['a__Host-', {}, false],
])('%s with %j needs Secure: %s', (name, cookie, needs) => {
  expect(needsSecure(name, cookie)).toBe(needs)
})
