import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSessionCookie } from '../../src/testing'
import type { Answer } from '../e2e/support/browser'
import { buildApp } from '../e2e/support/build'
import { openSeal } from '../e2e/support/seals'
import { Server, testPassword, testServer } from '../e2e/support/server'
import { environmentsOf } from './support/pages'
import { Provider } from './support/provider'
import { SAME_ORIGIN, Visitor } from './support/visitor'

const password = testPassword()
/** Of the session `app` beside nuxt-auth-utils. */
const appPassword = testPassword()
const [authUtilsEnv, oidcEnv] = environmentsOf('docs/recipes/oauth.md')
const REDIRECTS = [
  'https://evil.example', '//evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/.//evil.example', '/x/..//evil.example',
  'javascript:alert(1)', 'http:evil.example', '/\\/evil.example', 'https:/evil.example', ' //evil.example',
]

let provider: Provider
beforeAll(async () => { provider = await Provider.start() })
afterAll(() => provider.stop())

/** A visitor that keeps what the browser got, to look for tokens in it. */
class OAuthVisitor extends Visitor {
  static readonly seen: string[] = []

  override async request(path: string, init?: Parameters<Visitor['request']>[1]): Promise<Answer> {
    const answer = await super.request(path, init)
    OAuthVisitor.seen.push(answer.text, JSON.stringify([...answer.headers]))
    return answer
  }

  /** Goes to the provider, and returns the path that the provider redirects to. */
  async authorize(path: string): Promise<URL> {
    const { status, headers } = await this.request(path)
    expect(status).toBe(302)
    return provider.authorize(headers.get('location')!)
  }

  async login(path: string): Promise<Answer> {
    return this.visit(await this.authorize(path))
  }

  visit({ pathname, search }: URL): Promise<Answer> {
    return this.request(pathname + search)
  }

  async isLoggedIn(): Promise<boolean> {
    return (await this.request('/api/me')).status === 200
  }
}

/** The URL with another value of a parameter, or without it. */
function withParameter(url: URL, name: string, value?: string): URL {
  const changed = new URL(url)
  if (value === undefined) changed.searchParams.delete(name)
  else changed.searchParams.set(name, value)
  return changed
}

/** A server for all tests of a `describe`, with the provider of this file. */
function suiteApp(app: 'docs-oauth' | 'docs-oauth-auth-utils', envOf: () => Record<string, string>): { server: Server } {
  const suite = {} as { server: Server }
  beforeAll(async () => {
    suite.server = new Server(app, { NODE_EXTRA_CA_CERTS: provider.certificate, ...envOf(), NUXT_SESSION_PASSWORD: password })
    await suite.server.start()
  })
  afterAll(() => suite.server.stop())
  return suite
}

/** The environment of the app beside nuxt-auth-utils, which takes the provider for GitHub. */
function githubEnv(): Record<string, string> {
  return {
    NUXT_SESSION_NAMED_APP_PASSWORD: appPassword,
    NUXT_OAUTH_GITHUB_CLIENT_ID: provider.client.id,
    NUXT_OAUTH_GITHUB_CLIENT_SECRET: provider.client.secret,
    NUXT_OAUTH_GITHUB_AUTHORIZATION_URL: `${provider.url}/github/authorize`,
    NUXT_OAUTH_GITHUB_TOKEN_URL: `${provider.url}/github/token`,
    NUXT_OAUTH_GITHUB_API_URL: `${provider.url}/github`,
  }
}

const openCookie = (name: string, value: string) => openSeal(value, name === 'app' ? appPassword : password)
const idOf = async (visitor: Visitor, name: string) => (await openCookie(name, visitor.jar.get(name)!)).id

describe.each([
  { app: 'docs-oauth-auth-utils', mode: 'cookie', start: '/auth/github', cookie: 'app', user: { id: '583231', name: 'ada' } },
  { app: 'docs-oauth', mode: 'cookie', start: '/auth/login', cookie: 'h3', user: { id: '1', name: 'Ada' } },
  { app: 'docs-oauth', mode: 'store', start: '/auth/login', cookie: 'h3', user: { id: '1', name: 'Ada' } },
] as const)('$app, sessions in the $mode', ({ app, mode, start, cookie, user }) => {
  const suite = suiteApp(app, () => ({
    ...app === 'docs-oauth'
      ? {
          ...oidcEnv, NUXT_OIDC_ISSUER: provider.url, NUXT_OIDC_CLIENT_ID: provider.client.id, NUXT_OIDC_CLIENT_SECRET: provider.client.secret,
        }
      : { ...authUtilsEnv, ...githubEnv() },
    ...mode === 'store' && { NUXT_SESSION_STORAGE: 'sessions' },
  }))

  it('logs in and goes back to the requested page, with a string as the user id', async () => {
    const visitor = new OAuthVisitor(suite.server)
    expect((await visitor.request('/account')).headers.get('location')).toBe('/login?redirect=/account')
    expect((await visitor.request('/login?redirect=/account')).text).toContain(`href="${start}?redirect=%2Faccount"`)
    const back = await visitor.login(`${start}?redirect=%2Faccount`)
    expect([back.status, back.headers.get('location')]).toEqual([302, '/account'])
    expect((await visitor.request('/api/me')).body).toEqual(user)
    expect((await visitor.request('/account')).text).toContain(`Account of ${user.name}`)
    const again = new OAuthVisitor(suite.server)
    expect((await again.login(start)).headers.get('location')).toBe('/')
    expect((await again.request('/api/me')).body).toEqual(user)
  })

  it('gives the session a new id at each login', async () => {
    const visitor = new OAuthVisitor(suite.server)
    await visitor.login(start)
    const before = { id: await idOf(visitor, cookie), cookie: visitor.cookieHeader }
    await visitor.login(start)
    expect(await idOf(visitor, cookie)).not.toBe(before.id)
    const old = await visitor.request('/api/me', { headers: { cookie: before.cookie } })
    expect(old.status).toBe(mode === 'store' ? 401 : 200)
  })

  it.each(['wrong', '', undefined])('rejects a callback with the state %o', async (state) => {
    const visitor = new OAuthVisitor(suite.server)
    const back = await visitor.authorize(start)
    const { exchanges } = provider
    expect((await visitor.visit(withParameter(back, 'state', state))).status).toBeOneOf([400, 401])
    expect([await visitor.isLoggedIn(), provider.exchanges]).toEqual([false, exchanges])
  })

  it('rejects a callback without the cookie, as when another browser opens it', async () => {
    const back = await new OAuthVisitor(suite.server).authorize(start)
    const { exchanges } = provider
    const [none, own] = [new OAuthVisitor(suite.server), new OAuthVisitor(suite.server)]
    await own.authorize(start)
    for (const victim of [none, own]) {
      for (const callback of [back, withParameter(back, 'state')]) expect((await victim.visit(callback)).status).toBeOneOf([400, 401])
      expect([await victim.isLoggedIn(), provider.exchanges]).toEqual([false, exchanges])
    }
  })

  it('rejects a callback that was used before', async () => {
    const visitor = new OAuthVisitor(suite.server)
    const back = await visitor.authorize(start)
    await visitor.visit(back)
    const id = await idOf(visitor, cookie)
    const { exchanges } = provider
    expect((await visitor.visit(back)).status).toBeOneOf([400, 401])
    expect([await idOf(visitor, cookie), provider.exchanges]).toEqual([id, exchanges])
  })

  it('ends with an error of the provider', async () => {
    const visitor = new OAuthVisitor(suite.server)
    const back = await visitor.authorize(start)
    const declined = withParameter(withParameter(back, 'code'), 'error', 'access_denied')
    const { status, body } = await visitor.visit(declined)
    expect([status, body.data, await visitor.isLoggedIn()]).toEqual([401, undefined, false])
  })

  it.each(REDIRECTS)('redirects to no other site: %o', async (redirect) => {
    const location = (await new OAuthVisitor(suite.server).login(`${start}?redirect=${encodeURIComponent(redirect)}`)).headers.get('location')!
    expect(location).toMatch(/^\/(?![/\\])/)
    expect(new URL(location, 'https://app.example').origin).toBe('https://app.example')
  })

  it('redirects to a path with its query', async () => {
    const { headers } = await new OAuthVisitor(suite.server).login(`${start}?redirect=${encodeURIComponent('/account?tab=2#end')}`)
    expect(headers.get('location')).toBe('/account?tab=2#end')
  })

  it('logs out', async () => {
    const visitor = new OAuthVisitor(suite.server)
    await visitor.login(start)
    const old = visitor.cookieHeader
    expect((await visitor.delete('/api/_session')).status).toBe(204)
    expect(await visitor.isLoggedIn()).toBe(false)
    const copied = await visitor.request('/api/me', { headers: { cookie: old } })
    expect(copied.status).toBe(mode === 'store' ? 401 : 200)
  })

  it('keeps the tokens from the browser, the session and the log', async () => {
    const visitor = new OAuthVisitor(suite.server)
    await visitor.login(`${start}?redirect=%2Faccount`)
    await visitor.request('/account')
    await visitor.request('/api/_session', { headers: SAME_ORIGIN })
    const sealed = await Promise.all(Array.from(visitor.jar, ([name, value]) => value.startsWith('Fe26') ? openCookie(name, value) : value))
    const all = [...OAuthVisitor.seen, suite.server.log, JSON.stringify(sealed)].join('\n')
    expect(OAuthVisitor.seen.length).toBeGreaterThan(20)
    expect(provider.tokens.length).toBeGreaterThan(20)
    expect(provider.tokens.filter(token => all.includes(token))).toEqual([])
  })
})

describe('without nuxt-auth-utils', () => {
  const suite = suiteApp('docs-oauth', () => ({
    ...oidcEnv, NUXT_OIDC_ISSUER: provider.url, NUXT_OIDC_CLIENT_ID: provider.client.id, NUXT_OIDC_CLIENT_SECRET: provider.client.secret,
  }))

  it('keeps state and verifier in a session for ten minutes, which only the login routes get', async () => {
    const visitor = new OAuthVisitor(suite.server)
    const { setCookies, headers } = await visitor.request('/auth/login')
    expect(setCookies).toMatchObject([{ name: 'oidc', attributes: { Path: '/auth', HttpOnly: true, Secure: true, SameSite: 'Lax' } }])
    const end = Date.parse(String(setCookies[0]!.attributes.Expires))
    expect(Math.abs(end - Date.now() - 10 * 60 * 1000)).toBeLessThan(10_000)
    const asked = new URL(headers.get('location')!).searchParams
    const { data } = await openSeal(setCookies[0]!.value, password) as unknown as { data: Record<string, string> }
    expect(data).toEqual({ state: asked.get('state'), verifier: expect.any(String), redirect: '/' })
    expect(asked.get('redirect_uri')).toBe(oidcEnv!.NUXT_OIDC_REDIRECT_URI)
    expect(headers.get('location')).not.toContain(data.verifier)
  })

  it('rejects a callback after ten minutes', async () => {
    const callback = async (minutes: number) => {
      const visitor = new OAuthVisitor(suite.server)
      const back = await visitor.authorize('/auth/login')
      const { data } = await openSeal(visitor.jar.get('oidc')!, password) as unknown as { data: object }
      const { header } = await createSessionCookie(data, { password, name: 'oidc', maxAge: 600, createdAt: Date.now() - minutes * 60 * 1000 })
      return (await visitor.request(back.pathname + back.search, { headers: { cookie: header } })).status
    }
    expect([await callback(9), await callback(10)]).toEqual([302, 400])
  })

  it('rejects the code of another login: its verifier is wrong', async () => {
    const [attacker, victim] = [new OAuthVisitor(suite.server), new OAuthVisitor(suite.server)]
    const stolen = await victim.authorize('/auth/login')
    const own = await attacker.authorize('/auth/login')
    const answer = await attacker.visit(withParameter(own, 'code', stolen.searchParams.get('code')!))
    expect([answer.status, await attacker.isLoggedIn()]).toEqual([401, false])
  })

  it('answers 401 to a wrong state or none, and 400 if there is no attempt', async () => {
    const statusOf = async (change: (back: URL) => URL, hasCookie = true) => {
      const visitor = new OAuthVisitor(suite.server)
      const back = await visitor.authorize('/auth/login')
      if (!hasCookie) visitor.jar.clear()
      return (await visitor.visit(change(back))).status
    }
    const [wrong, none, right] = [(url: URL) => withParameter(url, 'state', 'wrong'), (url: URL) => withParameter(url, 'state'), (url: URL) => url]
    expect([await statusOf(wrong), await statusOf(none), await statusOf(right)]).toEqual([401, 401, 302])
    expect([await statusOf(wrong, false), await statusOf(none, false), await statusOf(right, false)]).toEqual([400, 400, 400])
  })

  it('deletes a state that was compared once, also with a wrong one', async () => {
    const visitor = new OAuthVisitor(suite.server)
    const back = await visitor.authorize('/auth/login')
    await visitor.visit(withParameter(back, 'state', 'wrong'))
    expect(visitor.jar.has('oidc')).toBe(false)
    expect((await visitor.visit(back)).status).toBe(400)
  })

  it('compares a copied cookie once with a store; else the provider rejects the code', async () => {
    const stored = await testServer('docs-oauth', { ...suite.server.env, NUXT_SESSION_STORAGE: 'sessions' })
    for (const [server, status, asked] of [[suite.server, 401, 1], [stored, 400, 0]] as const) {
      const visitor = new OAuthVisitor(server)
      const back = await visitor.authorize('/auth/login')
      const copy = { cookie: visitor.cookieHeader }
      await visitor.visit(back)
      const { exchanges } = provider
      const replayed = await new OAuthVisitor(server).request(back.pathname + back.search, { headers: copy })
      expect([replayed.status, provider.exchanges - exchanges]).toEqual([status, asked])
    }
  })
})

describe('beside nuxt-auth-utils', () => {
  const suite = suiteApp('docs-oauth-auth-utils', () => ({ ...authUtilsEnv, ...githubEnv() }))
  const OURS = ['useSession', 'getSession', 'updateSession', 'regenerateSession', 'clearSession', 'sealSession', 'unsealSession', 'requireSession', 'listSessions', 'countSessions', 'revokeSession', 'revokeUserSessions', 'revokeAllSessions']
  const THEIRS = ['getUserSession', 'setUserSession', 'replaceUserSession', 'requireUserSession', 'clearUserSession', 'sessionHooks', 'defineOAuthGitHubEventHandler']

  it('no function of the one has the name of a function of the other', async () => {
    const { buildDir, log } = await buildApp('docs-oauth-auth-utils')
    const imports = readFileSync(join(buildDir, 'types/nitro-imports.d.ts'), 'utf8')
    const sourceOf = (name: string) => new RegExp(`const ${name}: typeof import\\('(.*?)'\\)`).exec(imports)?.[1]
    expect(THEIRS.map(sourceOf)).toEqual(THEIRS.map(() => expect.stringContaining('nuxt-auth-utils/dist')))
    expect(OURS.map(sourceOf)).toEqual(OURS.map(() => expect.stringMatching(/src\/runtime/)))
    expect(log).not.toMatch(/duplicated imports/i)
  })

  it('its endpoint sends nothing of the session, sets its own cookie, and does not log out', async () => {
    const visitor = new OAuthVisitor(suite.server)
    await visitor.login('/auth/github')
    await visitor.request('/account')
    expect([...visitor.jar.keys()]).toEqual(['app'])
    const { body, setCookies } = await visitor.request('/api/_auth/session')
    expect([body, setCookies.map(({ name }) => name)]).toEqual([{ id: expect.any(String) }, ['nuxt-session']])
    expect(body.id).not.toBe(await idOf(visitor, 'app'))
    await visitor.delete('/api/_auth/session')
    expect(await visitor.isLoggedIn()).toBe(true)

    const headers = { cookie: `nuxt-session=${visitor.jar.get('app')}` }
    expect((await visitor.request('/api/_auth/session', { headers })).body).toEqual({ id: expect.any(String) })
  })

  it('its handler alone accepts a callback without state and cookie', async () => {
    const alone = await testServer('auth-alone', { NODE_EXTRA_CA_CERTS: provider.certificate, ...githubEnv(), NUXT_SESSION_PASSWORD: password })
    // An attacker's own login at the provider, whose callback is then opened by the victim's browser.
    const asked = new URL(`${provider.url}/github/authorize`)
    asked.search = new URLSearchParams({ client_id: provider.client.id, redirect_uri: `${alone.url}/api/github` }).toString()
    const victim = new OAuthVisitor(alone)
    expect((await victim.visit(provider.authorize(asked.href))).body).toMatchObject({ login: 'ada' })
  })
})
