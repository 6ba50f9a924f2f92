import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { assertTokenFits, cookieBytes, renderCookies } from '../../src/runtime/core/cookie/cookies'
import type { CookieWrite } from '../../src/runtime/core/cookie/cookies'
import { PASSWORD } from './support/app'

const NOW = Date.UTC(2031, 0, 1)
const COOKIE = { path: '/', httpOnly: true, sameSite: 'lax' as const, chunkMaxLength: 10, maxBytes: 7168 }
const EPOCH = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'

function render({ cookie, ...write }: Omit<Partial<CookieWrite>, 'cookie'> & { cookie?: object } = {}) {
  const resolved = resolveConfig({ name: 's', password: PASSWORD, cookie: { ...COOKIE, ...cookie } }, undefined).cookie
  return renderCookies({
    name: 's', token: 'token', secure: true, end: undefined, now: NOW, requestCookies: {}, sharedWith: undefined, lines: [],
    cookie: resolved as CookieWrite['cookie'], ...write,
  })
}

describe('the Set-Cookie line', () => {
  it.each<[what: string, write: Parameters<typeof render>[0], line: string]>([
    ['by default', {}, 's=token; Path=/; HttpOnly; Secure; SameSite=Lax'],
    ['without Secure', { secure: false }, 's=token; Path=/; HttpOnly; SameSite=Lax'],
    ['with an end', { end: NOW + 60_000 }, 's=token; Path=/; Expires=Wed, 01 Jan 2031 00:01:00 GMT; HttpOnly; Secure; SameSite=Lax'],
    ['with every attribute', { cookie: { domain: 'example.com', path: '/app', httpOnly: false, sameSite: 'none', priority: 'high', partitioned: true } },
      's=token; Domain=example.com; Path=/app; Secure; Priority=High; SameSite=None; Partitioned'],
    ['with SameSite true', { cookie: { sameSite: true } }, 's=token; Path=/; HttpOnly; Secure; SameSite=Strict'],
    ['with SameSite false', { cookie: { sameSite: false } }, 's=token; Path=/; HttpOnly; Secure'],
    ['with its own maxAge', { cookie: { maxAge: 60 } }, 's=token; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax'],
    ['with a maxAge over 400 days', { cookie: { maxAge: 1e9 } }, 's=token; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax'],
    ['with its own expires before the session\'s end', { cookie: { expires: new Date(NOW) }, end: NOW + 60_000 },
      's=token; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'],
    ['with an expires over 400 days', { cookie: { expires: new Date(NOW + 1e12) } }, 's=token; Path=/; Expires=Thu, 05 Feb 2032 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'],
    ['with its own encoding', { token: 'a b', cookie: { encode: (value: string) => value.replaceAll(' ', '_') } }, 's=a_b; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ])('%s', (_, write, line) => {
    expect(render(write)).toEqual([line])
  })

  it('of a removal has the attributes that identify the cookie', () => {
    expect(render({ token: undefined, cookie: { domain: 'example.com', path: '/app', maxAge: 60, expires: new Date(NOW) } }))
      .toEqual([`s=; Max-Age=0; Domain=example.com; Path=/app; ${EPOCH}; HttpOnly; Secure; SameSite=Lax`])
  })
})

describe('the response\'s other lines', () => {
  it.each<[line: string, isReplaced: boolean]>([
    ['s=old; Path=/', true],
    ['s=old', true],
    ['s=; Max-Age=0; path=/', true],
    ['s.1=old; Path=/', true],
    ['s.101=old; Path=/', false],
    ['s.x=old; Path=/', false],
    ['S=old; Path=/', false],
    ['ss=old; Path=/', false],
    ['s=old; Path=/app', false],
    ['s=old; Path=/; Domain=example.com', false],
    ['t=s=old; Path=/', false],
  ])('%s is removed: %s', (line, isReplaced) => {
    expect(render({ lines: [line] })).toHaveLength(isReplaced ? 1 : 2)
  })

  it('of the same domain are removed, with or without its dot', () => {
    const lines = ['s=old; Domain=.Example.com; Path=/']
    expect(render({ lines, cookie: { domain: 'example.com' } })).toHaveLength(1)
  })
})

describe('chunks', () => {
  it('are separate lines, and stale ones expire', () => {
    const requestCookies = { 's': '__chunked__4', 's.1': 'a', 's.3': 'c', 's.4': 'd', 'other.3': 'e' }
    expect(render({ token: 'x'.repeat(11), requestCookies, cookie: { httpOnly: false, sameSite: false }, secure: false })).toEqual([
      's=__chunked__2; Path=/', 's.1=xxxxxxxxxx; Path=/', 's.2=x; Path=/',
      `s.3=; Max-Age=0; Path=/; ${EPOCH}`, `s.4=; Max-Age=0; Path=/; ${EPOCH}`,
    ])
  })

  it.each<[what: string, write: Parameters<typeof render>[0]]>([
    ['more than 100', { token: 'x'.repeat(1001) }],
    ['any if another module reads the cookie', { token: 'x'.repeat(11), sharedWith: 'nuxt-auth-utils' }],
  ])('are too many: %s', (_, write) => {
    expect(() => render(write)).toThrow(expect.objectContaining({ code: 'SESSION_TOO_LARGE' }))
  })
})

describe('cookieBytes', () => {
  it.each<[what: string, requestCookies: Record<string, string>, lines: string[], bytes: number]>([
    ['counts name, value and separators', {}, ['s=12345; Path=/'], 's=12345; '.length],
    ['counts the browser\'s cookies of other sessions', { t: '123' }, ['s=1'], 's=1; t=123; '.length],
    ['counts a replaced cookie once', { s: '123456' }, ['s=1'], 's=1; '.length],
    ['counts chunks', { 's.1': '12', 's.2': '34' }, ['s=__chunked__2'], 's=__chunked__2; s.1=12; s.2=34; '.length],
    ['leaves removed cookies out', { 's': '1', 's.1': '2' }, ['s.1=; Max-Age=0'], 's=1; '.length],
    ['leaves cookies of others out', { theme: 'dark' }, ['lang=en', 's=1'], 's=1; '.length],
  ])('%s', (_, requestCookies, lines, bytes) => {
    expect(cookieBytes(['s', 't', 's'], requestCookies, lines)).toBe(bytes)
  })
})

it('assertTokenFits throws for a token that no request can send', () => {
  expect(() => assertTokenFits('s', 'x'.repeat(16_384))).not.toThrow()
  expect(() => assertTokenFits('s', 'x'.repeat(16_385))).toThrow(expect.objectContaining({ code: 'SESSION_TOO_LARGE' }))
})
