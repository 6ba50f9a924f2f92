import { describe, expect, it } from 'vitest'
import { Browser, visit } from './support/browser'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { errorBody } from './support/targets'

const NUXT_SESSION_PASSWORD = testPassword()

describe('requireSession', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  async function browserWith(session: Record<string, unknown> = {}) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload(session), NUXT_SESSION_PASSWORD))
    return browser
  }

  const denied = (statusCode: number, statusMessage: string, code: string) => ({
    status: statusCode,
    setCookies: [],
    body: expect.objectContaining({ ...errorBody(statusCode, statusMessage), data: { code } }),
  })

  it('answers a visitor without a session 401, and creates none', async () => {
    expect(await visit(server, '/api/require')).toMatchObject(denied(401, 'Unauthorized', 'SESSION_REQUIRED'))
  })

  it('answers a rejected session 401', async () => {
    expect(await visit(server, '/api/require', { cookie: 'h3=garbage' })).toMatchObject(denied(401, 'Unauthorized', 'SESSION_REQUIRED'))
  })

  it('returns the session of a visitor who has one', async () => {
    const browser = await browserWith({ id: 'known' })
    expect(await browser.request('/api/require')).toMatchObject({ status: 200, setCookies: [], body: { id: 'known' } })
  })

  it('userId requires a bound user', async () => {
    expect(await (await browserWith()).request('/api/require?userId')).toMatchObject(denied(401, 'Unauthorized', 'SESSION_REQUIRED'))
    expect(await (await browserWith({ userId: 'u1' })).request('/api/require?userId')).toMatchObject({ status: 200, body: { userId: 'u1' } })
  })

  it.each(['/api/unguarded', '/api/unguarded?slow'])('a route that forgets to await the guard answers only who is allowed: %s', async (path) => {
    expect(await visit(server, path)).toMatchObject(denied(401, 'Unauthorized', 'SESSION_REQUIRED'))
    expect(await (await browserWith()).request(path)).toMatchObject(denied(401, 'Unauthorized', 'SESSION_REQUIRED'))
    expect(await (await browserWith({ userId: 'u1' })).request(path)).toMatchObject({ status: 200, body: { secret: 42 } })
  })

  it('maxAuthAge requires a recent login', async () => {
    const loggedIn = (seconds: number) => browserWith({ userId: 'u1', authenticatedAt: Date.now() - seconds * 1000 })
    const reauthenticate = denied(401, 'Unauthorized', 'SESSION_REAUTHENTICATION_REQUIRED')
    expect((await (await loggedIn(50)).request('/api/require?maxAuthAge=60')).status).toBe(200)
    expect(await (await loggedIn(61)).request('/api/require?maxAuthAge=60')).toMatchObject(reauthenticate)
    expect(await (await browserWith()).request('/api/require?maxAuthAge=60')).toMatchObject(reauthenticate)
  })

  it.each([
    ['same-origin', 200], ['none', 200], ['same-site', 403], ['cross-site', 403],
  ])('sameOrigin with Sec-Fetch-Site %s answers %i', async (site, status) => {
    const answer = await (await browserWith()).request('/api/require?sameOrigin', { method: 'POST', headers: { 'sec-fetch-site': site } })
    expect(answer.status).toBe(status)
  })

  it('sameOrigin compares Origin if Sec-Fetch-Site is missing', async () => {
    const post = async (origin: string) => (await browserWith()).request('/api/require?sameOrigin', { method: 'POST', headers: { origin } })
    expect((await post(server.url)).status).toBe(200)
    const foreign = denied(403, 'Forbidden', 'SESSION_FOREIGN_ORIGIN')
    for (const origin of ['https://evil.example', 'null', `${server.url}.evil.example`, 'garbage'])
      expect(await post(origin), origin).toMatchObject(foreign)
  })

  it('sameOrigin without both headers lets only reads pass', async () => {
    for (const [method, status] of [['GET', 200], ['POST', 403], ['DELETE', 403]] as const)
      expect((await (await browserWith()).request('/api/require?sameOrigin', { method })).status, method).toBe(status)
  })

  it('userId: false requires only a session', async () => {
    expect((await (await browserWith()).request('/api/require?options={"userId":false}')).status).toBe(200)
  })

  it('logs none of these answers', () => expect(server.log).not.toContain('SESSION_'))
})

describe('requireSession with a mistake in its options', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  it.each([
    ['{"userID":true}', 'requireSession() has an unknown option "userID". Did you mean "userId"?'],
    ['{"name":"admin"}', 'requireSession() has an unknown option "name". Options of the session go into "config"'],
    ['{"role":"admin"}', 'requireSession() has an unknown option "role".'],
    ['{"userId":"u1"}', 'requireSession() got userId "u1". Write userId: true'],
    ['{"sameOrigin":"strict"}', 'sameOrigin "strict" must be true or false.'],
    ['{"maxAuthAge":"10m"}', 'maxAuthAge "10m" must be a number of seconds, such as 600.'],
  ])('lets nobody in and logs the fix: %s', async (options, fix) => {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload({ id: 'known', userId: 'u1', authenticatedAt: Date.now() }), NUXT_SESSION_PASSWORD))
    const { status, text } = await browser.request(`/api/require?options=${encodeURIComponent(options)}`)
    expect([status, text.includes('known')]).toEqual([500, false])
    expect(server.log).toContain(fix)
  })
})
