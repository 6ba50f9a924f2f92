import { describe, expect, it } from 'vitest'
import { Browser, REMOVAL_ATTRIBUTES, visit } from './support/browser'
import { payload, sealPayload } from './support/seals'
import { failToStart, suiteServer, testPassword, testServer } from './support/server'
import type { Server } from './support/server'
import { AS_PAGE, expectNothingHidden, member, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const REMOVAL = { name: 'h3', value: '', attributes: REMOVAL_ATTRIBUTES }
const PATH = '/api/_session'

describe('the endpoint', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_SAVE_UNINITIALIZED: 'true' })
  const hostOf = ({ url }: Pick<Server, 'url'>) => new URL(url).host

  it('answers only the clientKeys, in a response that is not cacheable', async () => {
    const ada = await member(server, { public: { name: 'Ada' }, theme: 'dark', other: 'SECRET-of-the-session' })
    const answer = await ada.request(PATH)
    expect([answer.status, answer.body]).toEqual([200, { public: { name: 'Ada' }, theme: 'dark' }])
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.setCookies).toEqual([])
    expectNothingHidden(answer, ada)
  })

  it('answers HEAD alike, without the data', async () => {
    const { status, text, headers } = await (await member(server)).request(PATH, { method: 'HEAD' })
    expect([status, text, headers.get('cache-control')]).toEqual([200, '', 'no-store'])
  })

  it('answers a session that came by header', async () => {
    const token = (await member(server)).jar.get('h3')!
    const answer = await visit(server, PATH, { 'x-h3-session': token })
    expect(answer.body).toEqual({ public: { name: 'Ada' } })
    expectNothingHidden(answer)
  })

  it.each([[{}], [{ cookie: 'h3=garbage' }], [{ 'x-h3-session': 'garbage' }]])('creates no session for a visitor without one: %j', async (headers) => {
    const answer = await visit(server, PATH, headers)
    expect([answer.status, answer.body, answer.setCookies]).toEqual([200, {}, []])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.has('x-h3-session')).toBe(false)
  })

  it('ends the session', async () => {
    const ada = await member(server)
    const { status, text, setCookies, headers } = await ada.request(PATH, { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } })
    expect([status, text, setCookies]).toEqual([204, '', [REMOVAL]])
    expect(headers.get('cache-control')).toBe('no-store')
    expect((await ada.request(PATH)).body).toEqual({})
  })

  it.each(['POST', 'PUT', 'PATCH', 'OPTIONS'])('rejects %s', async (method) => {
    const ada = await member(server)
    const { status, headers, body, setCookies } = await ada.request(PATH, { method, headers: { 'sec-fetch-site': 'same-origin' } })
    expect([status, body.data, setCookies]).toEqual([405, { code: 'SESSION_METHOD_NOT_ALLOWED' }, []])
    expect([headers.get('allow'), headers.get('cache-control')]).toEqual(['GET, HEAD, DELETE', 'no-store'])
  })

  it('sets no headers that let another origin read it', async () => {
    const { headers } = await (await member(server)).request(PATH, { headers: { 'origin': server.url, 'sec-fetch-site': 'same-origin' } })
    expect([...headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
  })

  const askers: [headers: (host: string) => Record<string, string>, get: number, del: number][] = [
    [() => ({}), 200, 403],
    [() => ({ 'sec-fetch-site': 'same-origin' }), 200, 204],
    [() => ({ 'sec-fetch-site': 'none' }), 200, 204],
    [() => ({ 'sec-fetch-site': 'same-site' }), 403, 403],
    [() => ({ 'sec-fetch-site': 'cross-site' }), 403, 403],
    [() => ({ 'sec-fetch-site': 'SAME-ORIGIN' }), 403, 403],
    [host => ({ 'sec-fetch-site': 'cross-site', 'origin': `http://${host}` }), 403, 403],
    [host => ({ origin: `http://${host}` }), 200, 204],
    [host => ({ origin: `https://${host}` }), 200, 204],
    [() => ({ origin: 'http://elsewhere.example' }), 403, 403],
    [() => ({ origin: 'http://127.0.0.1:1' }), 403, 403],
    [() => ({ origin: 'http://127.0.0.1' }), 403, 403],
    [host => ({ origin: `http://${host}.elsewhere.example` }), 403, 403],
    [host => ({ origin: `http://elsewhere.example/?http://${host}` }), 403, 403],
    [host => ({ origin: `http://elsewhere.example#@${host}` }), 403, 403],
    [() => ({ origin: 'null' }), 403, 403],
    [() => ({ origin: 'nonsense' }), 403, 403],
    [() => ({ 'origin': 'https://app.example', 'x-forwarded-host': 'app.example' }), 200, 204],
    [() => ({ 'origin': 'https://app.example', 'x-forwarded-host': 'app.example, inner.example' }), 200, 204],
    [() => ({ 'origin': 'https://app.example', 'x-forwarded-host': 'inner.example, app.example' }), 403, 403],
    [() => ({ 'sec-fetch-site': 'cross-site', 'origin': 'https://app.example', 'x-forwarded-host': 'app.example' }), 403, 403],
  ]

  it.each(askers.map(([headers, ...statuses]) => [headers('127.0.0.1:PORT'), ...statuses, headers] as const))('with %j answers GET %i and DELETE %i', async (_, get, del, headers) => {
    const ada = await member(server)
    const asked = await ada.request(PATH, { headers: headers(hostOf(server)) })
    expect(asked.status).toBe(get)
    expect(asked.headers.get('cache-control')).toBe('no-store')
    const isRefused = get === 403
    expect(asked.text.includes('Ada')).toBe(!isRefused)
    if (isRefused) expect(asked.body.data).toEqual({ code: 'SESSION_FOREIGN_ORIGIN' })
    const ended = await ada.request(PATH, { method: 'DELETE', headers: headers(hostOf(server)) })
    expect([ended.status, ended.setCookies]).toEqual([del, del === 204 ? [REMOVAL] : []])
    expect(ended.headers.get('cache-control')).toBe('no-store')
  })

  it('rejects a navigation from another site with a page that is not cacheable', async () => {
    const answer = await (await member(server)).request(PATH, { headers: { ...AS_PAGE, 'sec-fetch-site': 'cross-site' } })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([403, 'no-store'])
    expectNothingHidden(answer)
  })

  const HOUR = 3_600_000
  it.each<[query: string, session: 'none' | 'begun' | 'member', status: number, code?: string]>([
    ['?require=user', 'none', 401, 'SESSION_REQUIRED'],
    ['?require=user', 'begun', 401, 'SESSION_REQUIRED'],
    ['?require=user', 'member', 200],
    ['?require=session', 'none', 401, 'SESSION_REQUIRED'],
    ['?require=session', 'begun', 200],
    ['?require=session', 'member', 200],
    ['?require=user&maxAuthAge=7200', 'member', 200],
    ['?require=user&maxAuthAge=600', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=session&maxAuthAge=600', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=session&maxAuthAge=7200', 'begun', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=user&maxAuthAge=0', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=user&maxAuthAge=-1', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=user&maxAuthAge=soon', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=user&maxAuthAge=', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
    ['?require=user&maxAuthAge=7200&maxAuthAge=600', 'member', 401, 'SESSION_REAUTHENTICATION_REQUIRED'],
  ])('%s of a visitor with %s answers %i %s', async (query, session, status, code) => {
    const browser = session === 'member' ? await member(server, undefined, { authenticatedAt: Date.now() - HOUR }) : new Browser(server)
    if (session === 'begun') browser.jar.set('h3', await sealPayload(payload({ data: { public: { name: 'Ada' } } }), NUXT_SESSION_PASSWORD))
    const answer = await browser.request(PATH + query)
    expect([answer.status, answer.body.data?.code]).toEqual([status, code])
    if (status === 200) expect(answer.body).toEqual({ public: { name: 'Ada' } })
    expect([answer.setCookies, answer.headers.get('cache-control')]).toEqual([[], 'no-store'])
  })
})

describe('the endpoint of sessions in a store', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'memory' })
  const stored = async () => (await visit(server, '/api/stored')).body as string[]
  const login = async () => {
    const browser = new Browser(server)
    await browser.request('/api/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ada"}' })
    return browser
  }

  it('creates none, and stores nothing', async () => {
    const before = await stored()
    for (const path of [PATH, '/', '/guarded', `${PATH}?require=user`]) expect((await visit(server, path)).setCookies).toEqual([])
    expect(await stored()).toEqual(before)
  })

  it('answers the clientKeys', async () => {
    const ada = await login()
    const answer = await ada.request(PATH)
    expect([answer.body, answer.setCookies]).toEqual([{ public: { name: 'Ada' } }, []])
    expectNothingHidden(answer, ada)
  })

  it('ends the session, wherever its cookie was copied to', async () => {
    const ada = await login()
    const thief = ada.cookieHeader
    expect((await visit(server, PATH, { cookie: thief })).body).toEqual({ public: { name: 'Ada' } })
    const { status, setCookies } = await ada.request(PATH, { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } })
    expect([status, setCookies]).toEqual([204, [REMOVAL]])
    expect((await visit(server, PATH, { cookie: thief })).body).toEqual({})
    expect(textOf(await visit(server, '/', { cookie: thief }), 'header')).toBe('ready {}')
  })

  it('stores nothing if a visitor without a session ends it', async () => {
    const before = await stored()
    expect((await visit(server, PATH)).status).toBe(200)
    const browser = new Browser(server)
    expect((await browser.request(PATH, { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(204)
    expect(await stored()).toEqual(before)
  })
})

describe('the endpoint\'s path', () => {
  it('can be set when the server starts, and pages use it', async () => {
    const moved = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CLIENT_ROUTE: '/me' })
    const ada = await member(moved)
    expect((await ada.request('/me')).body).toEqual({ public: { name: 'Ada' } })
    expect((await ada.request(PATH)).status).toBe(404)
    for (const path of ['/', '/plain', '/cached', '/spa', '/fails']) {
      const { text } = await ada.request(path, { headers: AS_PAGE })
      expect(text, path).toContain('clientSession:{route:"/me",')
    }
  })

  it('does not exist with false, and pages do not use it', async () => {
    const off = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CLIENT_ROUTE: 'false' })
    const ada = await member(off)
    expect((await ada.request(PATH)).status).toBe(404)
    const answer = await ada.request('/')
    expect(answer.text).toContain('clientSession:{route:false,')
    expect(textOf(answer, 'name')).toBe('Ada')
  })

  it('is below the app\'s base', async () => {
    const based = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_APP_BASE_URL: '/shop/' })
    const ada = await member(based)
    expect((await ada.request(`/shop${PATH}`)).body).toEqual({ public: { name: 'Ada' } })
    expect((await ada.request(PATH)).status).not.toBe(200)
    expect(textOf(await ada.request('/shop/'), 'name')).toBe('Ada')
  })

  it.each(['me', '/', '/a b', '//elsewhere.example', '/me?x'])('%j is rejected at start-up with the fix', async (route) => {
    const { code, stderr } = await failToStart('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CLIENT_ROUTE: route })
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('SESSION_CONFIG_INVALID')
    expect(stderr).toContain('clientRoute')
  })
})
