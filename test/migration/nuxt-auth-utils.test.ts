import { describe, expect, it, onTestFinished } from 'vitest'
import { suiteVisitors } from '../browser/support/visitor'
import { Provider } from '../docs/support/provider'
import { openSeal } from '../e2e/support/seals'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import type { Server } from '../e2e/support/server'
import { loggedIn, Visitor } from './support/visitor'

const NUXT_SESSION_PASSWORD = testPassword()
const TOKEN = 'token-of-Ada'

describe('docs/migration/nuxt-auth-utils.md', () => {
  const before = suiteServer('auth-utils-before', { NUXT_SESSION_PASSWORD })
  const after = suiteServer('auth-utils-after', { NUXT_SESSION_PASSWORD })

  it('users stay logged in: routes, page, the page\'s guard', async () => {
    const visitor = await loggedIn(before)
    const me = await visitor.get('/api/me')
    expect(me.body).toEqual({ user: { name: 'Ada', role: 'reader' }, hasToken: true })
    expect((await visitor.get('/')).text).toContain('Hello, Ada')

    visitor.meets(after)
    expect((await visitor.get('/api/me')).body).toEqual(me.body)
    const page = await visitor.get('/')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Hello, Ada')
  })

  it('other visitors are redirected to the login, in both', async () => {
    for (const app of [before, after]) {
      const visitor = new Visitor(app)
      expect(await visitor.get('/api/me')).toMatchObject({ status: 401 })
      const page = await visitor.get('/')
      expect([page.status, page.headers.get('location')]).toEqual([302, '/login'])
      expect((await visitor.get('/login')).text).toContain('Log in first.')
    }
  })

  describe('in Chromium', () => {
    const newVisitor = suiteVisitors(after)

    it.each([['nuxt-auth-utils', before], ['this module', after]])('a page that the server does not render is shown to users only, with %s', async (_, app) => {
      const visitor = await newVisitor(app)
      const { page } = await visitor.tab()
      await page.goto('/account')
      await page.waitForURL('**/login')
      await visitor.login()
      await page.goto('/account')
      await page.getByText('Your account.').waitFor()
    })

    it.each([['/account', 'Your account.', 1], ['/', 'Hello, Ada', 0]])('%s asks for the session as often as needed', async (path, text, requests) => {
      const visitor = await newVisitor()
      await visitor.login()
      const tab = await visitor.tab()
      await tab.page.goto(path)
      await tab.page.getByText(text).waitFor()
      await tab.settled()
      expect(tab.asked).toHaveLength(requests)
    })
  })

  it('the session keeps its id, its beginning and its cookie\'s name', async () => {
    const visitor = await loggedIn(before)
    const old = await openSeal(visitor.jar.get('nuxt-session')!, NUXT_SESSION_PASSWORD)
    await visitor.meets(after).post('/api/profile', { name: 'Lady Ada' }, 'PATCH')
    const kept = await openSeal(visitor.jar.get('nuxt-session')!, NUXT_SESSION_PASSWORD)
    expect([...visitor.jar.keys()]).toEqual(['nuxt-session'])
    expect(kept).toMatchObject({ id: old.id, createdAt: old.createdAt, data: { user: { name: 'Lady Ada', role: 'reader' }, secure: { apiToken: TOKEN } } })
  })

  it('only clientKeys reach the browser: `secure` does not, from a session of before or after', async () => {
    const visitor = await loggedIn(before)
    expect((await visitor.get('/api/_auth/session')).body).toEqual({ id: expect.any(String), user: { name: 'Ada', role: 'reader' } })
    for (const known of [visitor, await loggedIn(after)]) {
      known.meets(after)
      expect((await known.get('/api/_session')).body).toEqual({ user: { name: 'Ada', role: 'reader' } })
      expect((await known.get('/')).text).not.toContain(TOKEN)
    }
    expect((await visitor.get('/api/_auth/session')).status).toBe(404)
  })

  it('the browser\'s clear() ends the session', async () => {
    const visitor = await loggedIn(before)
    await visitor.meets(after).request('/api/_session', { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } })
    expect(visitor.jar.size).toBe(0)
  })

  it('setUserSession merges deeply, update does not', async () => {
    const visitor = await loggedIn(before)
    await visitor.post('/api/profile', { name: 'Lady Ada' }, 'PATCH')
    expect((await visitor.get('/api/me')).body.user).toEqual({ name: 'Lady Ada', role: 'reader' })
    await visitor.meets(after).post('/api/profile', { name: 'Countess' }, 'PATCH')
    expect((await visitor.get('/api/me')).body.user).toEqual({ name: 'Countess', role: 'reader' })
    await visitor.post('/api/shallow', { name: 'Ada' }, 'PATCH')
    expect((await visitor.get('/api/me')).body.user).toEqual({ name: 'Ada' })
  })

  it('a user is bound by the next login, and not before: guards that require it redirect the others to it', async () => {
    const visitor = await loggedIn(before)
    visitor.meets(after)
    expect((await visitor.get('/api/bound')).status).toBe(401)
    expect((await visitor.get('/guarded')).headers.get('location')).toMatch(/^\/login/)
    await visitor.post('/api/login', { name: 'Ada' })
    expect((await visitor.get('/api/bound')).body).toEqual({ userId: 'Ada' })
    expect((await visitor.get('/guarded')).status).toBe(200)
  })

  it('a logout works', async () => {
    const visitor = await loggedIn(before)
    await visitor.meets(after).post('/api/logout')
    expect(visitor.jar.size).toBe(0)
    expect((await visitor.get('/api/me')).status).toBe(401)
  })

  it('back to nuxt-auth-utils: still logged in', async () => {
    const visitor = await loggedIn(after)
    expect((await visitor.meets(before).get('/api/me')).body).toEqual({ user: { name: 'Ada', role: 'reader' }, hasToken: true })
  })

  describe('with its OAuth handlers', () => {
    const clear = (visitor: Visitor) => visitor.request('/api/_session', { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } })

    it('users stay logged in, and pages contain nothing but clientKeys', async () => {
      const { server } = await withGitHub()
      const visitor = await loggedIn(before)
      const me = await visitor.get('/api/me')
      expect((await visitor.meets(server).get('/api/me')).body).toEqual(me.body)
      const { id } = await openSeal(visitor.jar.get('nuxt-session')!, NUXT_SESSION_PASSWORD)
      const { text } = await visitor.get('/')
      expect(text).toContain('Hello, Ada')
      expect([TOKEN, id].filter(secret => text.includes(String(secret)))).toEqual([])
      await clear(visitor)
      expect([visitor.jar.size, (await visitor.get('/api/me')).status]).toEqual([0, 401])
    })

    it('a login by GitHub binds the user, and the old app accepts it', async () => {
      const { server, provider } = await withGitHub()
      const visitor = new Visitor(server)
      const back = provider.authorize((await visitor.get('/auth/github')).headers.get('location')!)
      expect((await visitor.get(back.pathname + back.search)).headers.get('location')).toBe('/')
      expect(await openSeal(visitor.jar.get('nuxt-session')!, NUXT_SESSION_PASSWORD)).toMatchObject({ userId: 'github:583231', data: { user: { name: 'ada' } } })
      expect((await visitor.get('/')).text).toContain('Hello, ada')
      expect((await visitor.meets(before).get('/api/me')).body).toEqual({ user: { name: 'ada', role: 'reader' }, hasToken: false })
    })
  })
})

/** The app with the OAuth handlers, which takes the provider of the tests for GitHub. */
async function withGitHub(): Promise<{ server: Server, provider: Provider }> {
  const provider = await Provider.start()
  onTestFinished(() => provider.stop())
  const server = await testServer('auth-utils-after-oauth', {
    NUXT_SESSION_PASSWORD,
    NODE_EXTRA_CA_CERTS: provider.certificate,
    NUXT_OAUTH_GITHUB_CLIENT_ID: provider.client.id,
    NUXT_OAUTH_GITHUB_CLIENT_SECRET: provider.client.secret,
    NUXT_OAUTH_GITHUB_AUTHORIZATION_URL: `${provider.url}/github/authorize`,
    NUXT_OAUTH_GITHUB_TOKEN_URL: `${provider.url}/github/token`,
    NUXT_OAUTH_GITHUB_API_URL: `${provider.url}/github`,
  })
  return { server, provider }
}
