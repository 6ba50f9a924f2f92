import { describe, expect, it } from 'vitest'
import { Browser, visit } from './support/browser'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword, testServer } from './support/server'
import { expectNothingHidden, member, payloadOf, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()

describe('a page with the middleware "session"', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })
  const begun = async () => {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload(), NUXT_SESSION_PASSWORD))
    return browser
  }

  it('admits a user, and marks the page as checked', async () => {
    const ada = await member(server)
    const answer = await ada.request('/guarded')
    expect([answer.status, textOf(answer, 'guarded')]).toEqual([200, 'members'])
    expect(payloadOf(answer)).toContain('isChecked')
    expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual(['private, no-cache', 'Cookie, x-h3-session'])
    expect(answer.setCookies).toEqual([])
    expectNothingHidden(answer, ada)
  })

  it('lets a user with the header in', async () => {
    const token = (await member(server)).jar.get('h3')!
    expect((await visit(server, '/guarded', { 'x-h3-session': token })).status).toBe(200)
  })

  it.each(['/guarded', '/guarded?a=1&b=%20%26', '/fresh'])('redirects others from %s to the login page, with the path, in a private response', async (path) => {
    for (const browser of [new Browser(server), await begun()]) {
      const answer = await browser.request(path)
      expect(answer.status).toBe(302)
      const location = new URL(answer.headers.get('location')!, server.url)
      const [asked, back] = [path, location.searchParams.get('redirect')!].map(path => new URL(path, server.url))
      expect([location.origin, location.pathname, back?.pathname]).toEqual([server.url, '/login', asked?.pathname])
      expect([...back!.searchParams]).toEqual([...asked!.searchParams])
      expect(answer.text).not.toContain('members')
      expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual(['private, no-cache', 'Cookie, x-h3-session'])
      expect(answer.setCookies).toEqual([])
    }
  })

  it.each(['garbage', 'Fe26.2*tampered'])('sends a visitor with the cookie %s to the login page', async (value) => {
    expect((await visit(server, '/guarded', { cookie: `h3=${value}` })).status).toBe(302)
  })

  it('with userId: false lets in only visitors with a session', async () => {
    expect(textOf(await (await begun()).request('/begun'), 'begun')).toBe('visitors with a session')
    expect(textOf(await (await member(server)).request('/begun'), 'begun')).toBe('visitors with a session')
    expect((await visit(server, '/begun')).status).toBe(302)
  })

  it('with maxAuthAge redirects a user with an older login to the login page', async () => {
    expect((await (await member(server)).request('/fresh')).headers.get('location')).toBe('/login?redirect=/fresh')
    const ahead = await member(server, undefined, { authenticatedAt: Date.now() + 60_000 })
    expect((await ahead.request('/fresh')).status).toBe(200)
  })

  it('with an unknown requirement lets nobody in, and the log has the fix', async () => {
    const answer = await (await member(server)).request('/misspelled')
    expect([answer.status, answer.text.includes('members')]).toEqual([500, false])
    expect(server.log).toContain('The page /misspelled has the unknown requirement "maxAuthage" in definePageMeta({ session }).')
  })

  it('does not redirect to another host by a path that looks like an address', async () => {
    for (const path of ['//elsewhere.example/guarded', '/\\elsewhere.example', '/guarded//elsewhere.example']) {
      const location = (await visit(server, path)).headers.get('location')
      if (location) expect(new URL(location, server.url).origin, path).toBe(server.url)
    }
  })

  it('works below the app\'s base', async () => {
    const based = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_APP_BASE_URL: '/shop/' })
    const { status, headers } = await visit(based, '/shop/guarded')
    expect([status, headers.get('location')]).toEqual([302, '/shop/login?redirect=/guarded'])
  })

  it('checks without an endpoint, too', async () => {
    const off = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CLIENT_ROUTE: 'false' })
    expect((await visit(off, '/guarded')).status).toBe(302)
    expect((await (await member(off)).request('/guarded')).status).toBe(200)
  })
})

describe('the login page of an app with locales', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })
  const locationOf = async (path: string, to = server) => (await visit(to, path)).headers.get('location')

  it('is the one in the locale of the guarded page', async () => {
    expect(await locationOf('/de/guarded?a=1')).toBe('/de/login?redirect=/de/guarded?a=1')
    expect(await locationOf('/guarded?a=1')).toBe('/login?redirect=/guarded?a=1')
  })

  it.each(['/login', '/de/login'])('is not guarded at %s if the whole app is guarded', async (path) => {
    expect((await visit(server, path)).status).toBe(200)
  })

  it.each(['/de/login', '/en/login', '/elsewhere'])('stays %s, which already has a locale or is not a page', async (loginPage) => {
    const other = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_PUBLIC_CLIENT_SESSION_LOGIN_PAGE: loginPage })
    for (const path of ['/guarded', '/de/guarded']) expect(await locationOf(path, other)).toBe(`${loginPage}?redirect=${path}`)
  })
})

describe('a cached page with the middleware "session"', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })

  it.each(['visitor first', 'member first'])('is not one redirect for all, %s, and does not reveal that a user was admitted', async (order) => {
    const path = `/cached-guarded?${encodeURIComponent(order)}`
    const askers = [new Browser(server), await member(server)]
    for (const browser of order === 'visitor first' ? askers : askers.toReversed()) {
      const answer = await browser.request(path)
      expect([answer.status, answer.headers.get('location'), answer.setCookies]).toEqual([200, null, []])
      expect(payloadOf(answer)).not.toContain('isChecked')
    }
  })
})
