import { beforeAll, describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, visit } from './support/browser'
import { buildApp } from './support/build'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword, testServer } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()
const NAME = '__Host-Http-session'

beforeAll(() => buildApp('main'))

describe('NUXT_SESSION_PRESET=strict', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_PRESET: 'strict' })
  const LIFETIME = expect.stringMatching(/ GMT$/)

  it('sends nothing before the first write, then a cookie that only this host can set', async () => {
    const browser = new Browser(server)
    expect((await browser.request('/api/visit')).setCookies).toEqual([])
    const { setCookies } = await browser.request('/api/count')
    expect(setCookies).toEqual([{ name: NAME, value: expect.stringMatching(/^Fe26/), attributes: { ...DEFAULT_ATTRIBUTES, Expires: LIFETIME } }])
    const [ends] = setCookies.map(({ attributes }) => Date.parse(String(attributes.Expires)) - Date.now())
    expect(ends).toBeGreaterThan(3_500_000)
    expect(ends).toBeLessThanOrEqual(3_600_000)
    expect((await browser.request('/api/count')).body.count).toBe(2)
  })

  it.each([
    ['an hour without a request', { lastSeenAt: Date.now() - 3_600_000, createdAt: Date.now() - 3_700_000 }],
    ['a day after the login', { lastSeenAt: Date.now() - 1000, createdAt: Date.now() - 86_400_000 }],
    ['at once without a name', { name: undefined }],
  ])('ends a session: %s', async (_, session) => {
    const browser = new Browser(server)
    browser.jar.set(NAME, await sealPayload(payload({ name: NAME, data: { count: 5 }, ...session }), NUXT_SESSION_PASSWORD))
    expect((await browser.request('/api/count')).body.count).toBe(1)
  })

  it('ignores a session in a header', async () => {
    const token = await sealPayload(payload({ name: NAME, data: { count: 5 } }), NUXT_SESSION_PASSWORD)
    const headers = { 'x-session-session': token, 'x-h3-session': token, [`x-${NAME.toLowerCase()}-session`]: token }
    expect((await visit(server, '/api/count', headers)).body.count).toBe(1)
  })

  it('clears the browser\'s cache at a logout, and keeps other cookies', async () => {
    const browser = new Browser(server)
    const login = await browser.request('/api/count')
    expect(login.headers.get('clear-site-data')).toBeNull()
    expect((await browser.ops([{ op: 'clear' }])).headers.get('clear-site-data')).toBe('"cache"')
    const elsewhere = await browser.ops([{ op: 'clear' }], { config: { preset: 'h3' } })
    expect(elsewhere.headers.get('clear-site-data')).toBeNull()
  })

  it('is what the log at start-up says, once', () => {
    expect(server.log.match(/The preset "strict" sets .*/g)).toEqual([
      expect.stringContaining(`sets name: "${NAME}", maxAge: 86400, idleTimeout: 3600, sessionHeader: false, saveUninitialized: false, acceptUnnamed: false, crossOrigin: "refuse"`),
    ])
    expect(server.stderr).toBe('')
  })
})

it('options of the environment win over NUXT_SESSION_PRESET=strict', async () => {
  const server = await testServer('main', {
    NUXT_SESSION_PASSWORD, NUXT_SESSION_PRESET: 'strict', NUXT_SESSION_NAME: 'app', NUXT_SESSION_IDLE_TIMEOUT: 'false', NUXT_SESSION_MAX_AGE: '0',
    NUXT_SESSION_SESSION_HEADER: 'x-app', NUXT_SESSION_SAVE_UNINITIALIZED: 'true', NUXT_SESSION_ACCEPT_UNNAMED: 'true',
  })
  expect((await visit(server, '/api/visit')).setCookies).toEqual([{ name: 'app', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }])
  const token = await sealPayload(payload({ data: { count: 5 } }), NUXT_SESSION_PASSWORD)
  expect((await visit(server, '/api/count', { 'x-app': token })).body.count).toBe(6)
  expect(server.log).not.toContain('idleTimeout')
})
