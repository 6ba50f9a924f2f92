import { H3, defineWebSocketHandler } from 'h3-next'
import { describe, expect, it } from 'vitest'
import { requireSameOrigin, requireSession, sessions } from '../../../src/runtime/h3-app'
import type { SessionsOptions } from '../../../src/runtime/h3-app'
import { GO_CASES, HOST_CASES, TRUSTED_CASES, TRUSTED_ORIGINS } from '../../support/origin-cases'

type Headers_ = Record<string, string>

/** An app whose routes use no session. */
function serve(options: SessionsOptions = {}) {
  return new H3({ silent: true })
    .register(sessions({ password: 'test-only-password-of-an-app-of-h3-2', crossOrigin: 'refuse', ...options }))
    .all('/**', () => 'passed')
}

const statusOf = async (app: H3, headers: Headers_, method = 'POST') => (await app.request('http://localhost/', { method, headers })).status
const HOST = { host: 'example.com' }
const TRUSTED = { trustedOrigins: TRUSTED_ORIGINS }

describe('crossOrigin: \'refuse\', by the cases of Go\'s CrossOriginProtection', () => {
  it.each(GO_CASES)('%s', async (_, method, site, origin, status) => {
    const headers = { ...HOST, ...site && { 'sec-fetch-site': site }, ...origin && { origin } }
    expect(await statusOf(serve(), headers, method)).toBe(status)
  })

  it.each(TRUSTED_CASES)('with trustedOrigins, %j gets %i', async (headers, status) => {
    expect(await statusOf(serve(TRUSTED), { ...HOST, ...headers })).toBe(status)
  })
})

describe('crossOrigin: \'refuse\' without Sec-Fetch-Site', () => {
  it.each(HOST_CASES)('%j gets %i', async (headers, status) => {
    expect(await statusOf(serve(), headers)).toBe(status)
  })

  it('believes Sec-Fetch-Site, not Origin and X-Forwarded-Host', async () => {
    const headers = { ...HOST, 'origin': 'https://example.com', 'x-forwarded-host': 'example.com' }
    for (const site of ['cross-site', 'same-site', 'SAME-ORIGIN', 'same-origin, cross-site', 'null'])
      expect(await statusOf(serve(), { ...headers, 'sec-fetch-site': site }), site).toBe(403)
  })
})

describe('a refusal', () => {
  const FOREIGN = { ...HOST, origin: 'https://attacker.example' }
  const BODY = { status: 403, statusText: 'Forbidden', message: 'This request comes from another origin.', data: { code: 'SESSION_FOREIGN_ORIGIN' } }

  it('has a stable body, and the route does not run', async () => {
    const app = new H3({ silent: true }).register(sessions({ password: 'test-only-password-of-an-app-of-h3-2', crossOrigin: 'refuse' }))
    let runs = 0
    app.use(() => { runs++ }).post('/', () => 'passed')
    const response = await app.request('/', { method: 'POST', headers: FOREIGN })
    expect([response.status, await response.json(), runs]).toEqual([403, BODY, 0])
  })

  it('exempts a route by its meta, without route rules', async () => {
    const app = serve().post('/webhooks/:name', () => 'webhook', { meta: { session: { crossOrigin: 'allow' } } })
    const post = async (path: string) => (await app.request(path, { method: 'POST', headers: FOREIGN })).status
    expect([await post('/webhooks/pay'), await post('/account')]).toEqual([200, 403])
  })

  it.each<[upgrade: string | undefined, headers: Headers_, isRefused: boolean]>([
    ['websocket', FOREIGN, true],
    ['WebSocket', FOREIGN, true],
    ['websocket', { ...HOST, origin: 'https://example.com' }, false],
    ['websocket', { ...HOST, 'sec-fetch-site': 'same-site' }, true],
    ['websocket', HOST, false],
    [undefined, FOREIGN, false],
  ])('of an upgrade to %s with %j is the response in place of the upgrade: %s', async (upgrade, headers, isRefused) => {
    const open = () => undefined
    const app = new H3({ silent: true }).register(sessions({ password: 'test-only-password-of-an-app-of-h3-2', crossOrigin: 'refuse' }))
    app.get('/_ws', defineWebSocketHandler({ open }))
    const response = await app.request('/_ws', { headers: { ...headers, ...upgrade && { upgrade } } }) as Response & { crossws: { open?: unknown, upgrade?: () => Response } }
    expect([response.status, response.crossws.open === open]).toEqual(isRefused ? [403, false] : [426, true])
    const refusal = response.crossws.upgrade?.()
    expect(await refusal?.json()).toEqual(isRefused ? BODY : undefined)
    expect(refusal?.status).toBe(isRefused ? 403 : undefined)
  })
})

describe('the options', () => {
  it('refuse nothing by default, and all with the preset "strict" unless the app says otherwise', async () => {
    const foreign = { ...HOST, 'sec-fetch-site': 'cross-site' }
    const statuses = [{ crossOrigin: undefined }, { crossOrigin: '' }, { crossOrigin: undefined, preset: 'strict' }, { crossOrigin: 'allow', preset: 'strict' }] as const
    expect(await Promise.all(statuses.map(options => statusOf(serve(options), foreign)))).toEqual([200, 200, 403, 200])
  })

  it('put nothing in front of the routes if the guard is off', () => {
    const middlewareOf = (options: SessionsOptions) => (serve(options) as unknown as { '~middleware': unknown[] })['~middleware'].length
    expect([middlewareOf({ crossOrigin: 'allow' }), middlewareOf({})]).toEqual([0, 1])
  })

  it.each<[options: object, message: string]>([
    [{ crossOrigin: 'deny' }, 'crossOrigin "deny"'],
    [{ crossOrigin: true }, 'crossOrigin true'],
    ...['example.com', 'https://', 'https://example.com/', 'https://example.com/path', 'https://example.com?query', 'https://example.com#fragment', 'https://ex ample.com', 'https://*.example.com', 'https://user@example.com', 'https://example.com:99999', 'null', '*', 'file://', 5, null, {}]
      .map((origin): [object, string] => [{ trustedOrigins: [origin] }, 'trustedOrigins has']),
  ])('%j stop the server with the fix', (options, message) => {
    expect(() => serve(options as never)).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining(message) as string }))
  })

  it('take one trusted origin as text, as from the environment', async () => {
    expect(await statusOf(serve({ trustedOrigins: 'https://trusted.example' }), { ...HOST, origin: 'https://trusted.example' })).toBe(200)
  })
})

describe('without the guard', () => {
  it.each<[method: string, headers: Headers_, status: number, withSession: number]>([
    ['POST', { 'sec-fetch-site': 'same-origin' }, 200, 401],
    ['POST', { 'sec-fetch-site': 'cross-site' }, 403, 403],
    ['GET', { 'sec-fetch-site': 'cross-site' }, 403, 403],
    ['POST', { origin: 'https://attacker.example' }, 403, 403],
    ['POST', { origin: 'https://trusted.example' }, 200, 401],
    ['GET', {}, 200, 401],
    // Not a current browser: there is no cookie that another site could use, but a session should come from a browser.
    ['POST', {}, 200, 403],
  ])('%s with %j: requireSameOrigin answers %i, and sameOrigin of requireSession %i', async (method, headers, status, withSession) => {
    const app = serve({ crossOrigin: 'allow', ...TRUSTED })
      .all('/alone', (event) => {
        requireSameOrigin(event)
        return 'passed'
      })
      .all('/session', event => requireSession(event, { sameOrigin: true }))
    const ask = async (path: string) => app.request(path, { method, headers: { ...HOST, ...headers } })
    const [alone, session] = [await ask('/alone'), await ask('/session')]
    expect([alone.status, session.status]).toEqual([status, withSession])
    if (status === 403) expect((await alone.json()).data).toEqual({ code: 'SESSION_FOREIGN_ORIGIN' })
  })

  it('requireSameOrigin refuses the upgrade of a socket with a response', async () => {
    serve({ crossOrigin: 'allow' })
    const upgrade = (headers: Headers_) => () => requireSameOrigin(new Request('http://example.com/_ws', { headers: { ...HOST, ...headers } }))
    expect(upgrade({ origin: 'http://example.com' })).not.toThrow()
    const { response } = catchError(upgrade({ origin: 'https://attacker.example' })) as { response: Response }
    expect([response.status, (await response.json()).data]).toEqual([403, { code: 'SESSION_FOREIGN_ORIGIN' }])
  })
})

function catchError(run: () => void): unknown {
  try {
    run()
  }
  catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}
