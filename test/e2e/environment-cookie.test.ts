import { beforeAll, describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, REMOVAL_ATTRIBUTES, visit } from './support/browser'
import { buildApp } from './support/build'
import { openCookies } from './support/seals'
import { testPassword, testServer } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()

beforeAll(() => buildApp('main'))

function configured(cookie: Record<string, string>) {
  const env = Object.fromEntries(Object.entries(cookie).map(([key, value]) => [`NUXT_SESSION_COOKIE_${key}`, value]))
  return testServer('main', { NUXT_SESSION_PASSWORD, ...env })
}

describe('cookie options from the environment of the built server', () => {
  const { Path, HttpOnly, Secure, SameSite } = DEFAULT_ATTRIBUTES

  it.each([
    ['SAME_SITE', { SAME_SITE: 'Strict' }, { Path, HttpOnly, Secure, SameSite: 'Strict' }],
    ['SAME_SITE none, which is Secure', { SAME_SITE: 'none' }, { Path, HttpOnly, Secure, SameSite: 'None' }],
    ['DOMAIN', { DOMAIN: 'example.com' }, { Path, HttpOnly, Secure, SameSite, Domain: 'example.com' }],
    ['PATH', { PATH: '/api' }, { Path: '/api', HttpOnly, Secure, SameSite }],
    ['SECURE', { SECURE: 'false' }, { Path, HttpOnly, SameSite }],
    ['HTTP_ONLY', { HTTP_ONLY: 'false' }, { Path, Secure, SameSite }],
    ['PARTITIONED', { PARTITIONED: 'true' }, { Path, HttpOnly, Secure, SameSite, Partitioned: true }],
    ['PRIORITY', { PRIORITY: 'high' }, { Path, HttpOnly, Secure, SameSite, Priority: 'High' }],
    ['MAX_AGE', { MAX_AGE: '60' }, { Path, HttpOnly, Secure, SameSite, 'Max-Age': '60' }],
    ['MAX_AGE, at most 400 days', { MAX_AGE: '99999999' }, { Path, HttpOnly, Secure, SameSite, 'Max-Age': String(400 * 86_400) }],
    ['several at once', { SAME_SITE: 'strict', PATH: '/api', HTTP_ONLY: 'false' }, { Path: '/api', Secure, SameSite: 'Strict' }],
  ])('%s', async (_, env, attributes) => {
    const server = await configured(env)
    const { setCookies } = await visit(server, '/api/count')
    expect(setCookies).toEqual([{ name: 'h3', value: expect.stringMatching(/^Fe26/), attributes }])
    expect(server.stderr).toBe('')
  })

  it('removes a cookie with the attributes that it was set with', async () => {
    const browser = new Browser(await configured({ DOMAIN: 'example.com', PATH: '/api' }))
    await browser.request('/api/count')
    const { setCookies } = await browser.ops([{ op: 'clear' }])
    expect(setCookies).toEqual([{ name: 'h3', value: '', attributes: { ...REMOVAL_ATTRIBUTES, Path: '/api', Domain: 'example.com' } }])
  })

  it('CHUNK_MAX_LENGTH splits as h3 v2 does, and shrinking clears the stale chunks', async () => {
    const browser = new Browser(await configured({ CHUNK_MAX_LENGTH: '500' }))
    const { setCookies } = await browser.ops([{ op: 'update', args: [{ text: 'x'.repeat(900) }] }])
    expect(setCookies[0]).toEqual({ name: 'h3', value: `__chunked__${setCookies.length - 1}`, attributes: DEFAULT_ATTRIBUTES })
    expect(setCookies.slice(1).map(cookie => cookie.name)).toEqual(setCookies.slice(1).map((_, index) => `h3.${index + 1}`))
    for (const { value, attributes } of setCookies) {
      expect(value.length).toBeLessThanOrEqual(500)
      expect(attributes).toEqual(DEFAULT_ATTRIBUTES)
    }
    expect(await openCookies(setCookies, 'h3', NUXT_SESSION_PASSWORD)).toMatchObject({ data: { text: 'x'.repeat(900) } })
    expect((await browser.ops([])).body.data.text).toHaveLength(900)

    const chunks = setCookies.slice(1).map(cookie => cookie.name)
    const shrunk = await browser.ops([{ op: 'replace', args: [{}] }])
    expect(shrunk.setCookies[0]).toEqual({ name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES })
    expect(shrunk.setCookies.slice(1)).toEqual(chunks.map(name => ({ name, value: '', attributes: REMOVAL_ATTRIBUTES })))
    expect([...browser.jar.keys()]).toEqual(['h3'])
  })

  it('clears every chunk of a cleared session', async () => {
    const browser = new Browser(await configured({ CHUNK_MAX_LENGTH: '500' }))
    await browser.ops([{ op: 'update', args: [{ text: 'x'.repeat(900) }] }])
    expect(browser.jar.size).toBeGreaterThan(2)
    await browser.ops([{ op: 'clear' }])
    expect(browser.jar.size).toBe(0)
  })

  it('MAX_BYTES rejects cookies that would lock the visitor out, and the session is unchanged', async () => {
    const browser = new Browser(await configured({ MAX_BYTES: '1000' }))
    await browser.ops([{ op: 'update', args: [{ kept: 1 }] }])
    const before = new Map(browser.jar)
    const refused = await browser.ops([{ op: 'update', args: [{ text: 'x'.repeat(900) }] }])
    expect(refused.body.error).toMatchObject({ code: 'SESSION_TOO_LARGE', statusCode: 500 })
    expect(refused.setCookies).toEqual([])
    expect(browser.jar).toEqual(before)
    expect((await browser.ops([])).body.data).toEqual({ kept: 1 })
  })

  it('false sends no cookie at all; the header still has the session', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_COOKIE: 'false' })
    const fresh = await visit(server, '/api/count')
    expect(fresh).toMatchObject({ status: 200, setCookies: [], body: { count: 1 } })
    const { body: { opened } } = await visit(server, '/api/functions')
    expect(opened.data).toEqual({ step: 1 })
  })

  it.each([
    ['SameSite=None without Secure', { SAME_SITE: 'none', SECURE: 'false' }, '/api/count'],
    ['Partitioned without Secure', { PARTITIONED: 'true', SECURE: 'false' }, '/api/count'],
    ['a SameSite that does not exist', { SAME_SITE: 'sometimes' }, '/api/count'],
  ])('%s is rejected with SESSION_CONFIG_INVALID and the fix', async (_, env, path) => {
    const server = await configured(env)
    expect((await visit(server, path)).status).toBe(500)
    const { body: { error } } = await new Browser(server).ops([])
    expect(error).toMatchObject({ code: 'SESSION_CONFIG_INVALID', statusCode: 500, name: 'SessionError' })
    expect(server.stderr, 'said at start-up').toContain('SESSION_CONFIG_INVALID')
  })

  it.each([
    [{ name: '__Host-sid', cookie: { path: '/api' } }],
    [{ name: '__Host-sid', cookie: { domain: 'example.com' } }],
    [{ name: '__Secure-sid', cookie: { secure: false } }],
  ])('an invalid prefixed cookie %j is rejected', async (config) => {
    const { body, setCookies } = await new Browser(await configured({})).ops([], { config })
    expect(body.error?.code).toBe('SESSION_CONFIG_INVALID')
    expect(setCookies).toEqual([])
  })

  it('a prefixed cookie is sent with Secure', async () => {
    const { setCookies } = await new Browser(await configured({})).ops([], { config: { name: '__Host-sid' } })
    expect(setCookies).toEqual([{ name: '__Host-sid', value: expect.any(String), attributes: DEFAULT_ATTRIBUTES }])
  })

  it('an array of more than four passwords is rejected', async () => {
    const passwords = Array.from({ length: 5 }, testPassword)
    const { stderr } = await testServer('main', { NUXT_SESSION_PASSWORD: JSON.stringify(passwords) })
    expect(stderr).toContain('SESSION_CONFIG_INVALID')
    for (const password of passwords) expect(stderr).not.toContain(password)
  })
})
