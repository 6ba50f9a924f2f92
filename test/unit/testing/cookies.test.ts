import type { BrowserContext, BrowserContextOptions } from 'playwright-core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createSessionCookie } from '../../../src/testing'
import type { CreateSessionCookieOptions } from '../../../src/testing'
import { PASSWORD } from '../support/app'

const PAGE = 'http://127.0.0.1:3000/page?x=1'

async function firstCookie(options: Partial<CreateSessionCookieOptions> = {}, page: string | URL = PAGE) {
  return (await createSessionCookie({}, { password: PASSWORD, ...options })).browserCookies(page)[0]!
}

describe('a cookie for a browser', () => {
  it('has the module\'s attributes, and the page\'s host', async () => {
    const cookie = await createSessionCookie({}, { password: PASSWORD })
    const expected = { name: 'h3', value: cookie.token, domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' }
    expect(cookie.browserCookies(PAGE)).toEqual([expected])
    expect(cookie.storageState(PAGE)).toEqual({ cookies: [expected], origins: [] })
  })

  it('has the types of Playwright', async () => {
    const cookie = await createSessionCookie({}, { password: PASSWORD })
    expectTypeOf(cookie.browserCookies).returns.toExtend<Parameters<BrowserContext['addCookies']>[0]>()
    expectTypeOf(cookie.storageState).returns.toExtend<NonNullable<BrowserContextOptions['storageState']>>()
  })

  it('is one for each chunk', async () => {
    const cookie = await createSessionCookie({ text: 'x'.repeat(4000) }, { password: PASSWORD, maxAge: 60 })
    const [head, ...chunks] = cookie.browserCookies(PAGE)
    expect(head).toMatchObject({ name: 'h3', value: '__chunked__2' })
    expect(chunks.map(({ name }) => name)).toEqual(['h3.1', 'h3.2'])
    expect(new Set([head!, ...chunks].map(({ expires }) => expires)).size).toBe(1)
  })

  it.each([
    ['unset, over HTTP', {}, 'http://shop.example', false],
    ['unset, over HTTPS', {}, 'https://shop.example', true],
    ['true, over HTTP', { secure: true }, 'http://shop.example', true],
    ['false, over HTTPS', { secure: false }, 'https://shop.example', false],
    ['unset, with SameSite=None', { sameSite: 'none' }, 'http://shop.example', true],
  ] as const)('has the right Secure with cookie.secure %s', async (_, cookie, page, secure) => {
    expect(await firstCookie({ cookie }, page)).toMatchObject({ secure, domain: 'shop.example' })
  })

  it.each([
    [{ sameSite: 'strict' }, { sameSite: 'Strict' }],
    [{ sameSite: true }, { sameSite: 'Strict' }],
    [{ sameSite: 'none' }, { sameSite: 'None' }],
    [{ sameSite: false }, { sameSite: 'Lax' }],
    [{ httpOnly: false, path: '/api' }, { httpOnly: false, path: '/api' }],
    [{ domain: 'example.com' }, { domain: '.example.com' }],
    [{ domain: '.example.com' }, { domain: '.example.com' }],
    [{ encode: (value: string) => encodeURIComponent(value) }, { value: expect.stringMatching(/^Fe26\.2\*/) }],
  ] as const)('with %j has %j', async (cookie, expected) => {
    expect(await firstCookie({ cookie }, new URL('https://www.example.com/'))).toMatchObject(expected)
  })

  it('ends with the session, in seconds', async () => {
    const now = Date.now()
    expect(await firstCookie({ maxAge: 3600, now: () => now })).toMatchObject({ expires: Math.floor(now / 1000) + 3600 })
    expect(await firstCookie({ maxAge: 3600, idleTimeout: 60, now: () => now })).toMatchObject({ expires: Math.floor(now / 1000) + 60 })
    const { expires } = await firstCookie({ cookie: { maxAge: 100 } })
    expect(Math.abs(expires - now / 1000 - 100)).toBeLessThan(10)
  })

  it('has no end if the session has ended, so that the server can reject it', async () => {
    const past = Date.now() - 2 * 3600 * 1000
    expect(await firstCookie({ maxAge: 3600, now: () => past })).toMatchObject({ expires: -1 })
    expect(await firstCookie({ maxAge: 3600, createdAt: past })).toMatchObject({ expires: -1 })
  })

  it.each(['', '/page', '127.0.0.1:3000', 'about:blank', undefined])('throws for the address %j', async (page) => {
    const cookie = await createSessionCookie({}, { password: PASSWORD })
    expect(() => cookie.browserCookies(page as string)).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
    expect(() => cookie.storageState(page as string)).toThrow(/http:\/\/127\.0\.0\.1:3000/)
  })
})
