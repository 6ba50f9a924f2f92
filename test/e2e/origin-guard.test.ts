import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { rawRequest } from '../support/raw-request'
import { GO_CASES, HOST_CASES, TRUSTED_CASES, TRUSTED_ORIGINS } from '../support/origin-cases'
import { Browser, visit } from './support/browser'
import { suiteServer, testPassword } from './support/server'
import type { Server } from './support/server'
import { errorBody, TARGET_NAME } from './support/targets'

const NUXT_SESSION_PASSWORD = testPassword()
const REFUSED = expect.objectContaining({ ...errorBody(403, 'Forbidden'), message: 'This request comes from another origin.', data: { code: 'SESSION_FOREIGN_ORIGIN' } })
const FOREIGN = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://attacker.example' }, { origin: 'null' }] as Record<string, string>[]

const ask = (server: Server, method: string, path: string, headers: Record<string, string>) => new Browser(server).request(path, { method, headers })

describe('crossOrigin: \'refuse\'', () => {
  const server = suiteServer('main', {
    NUXT_SESSION_PASSWORD, NUXT_SESSION_CROSS_ORIGIN: 'refuse', NUXT_SESSION_TRUSTED_ORIGINS: JSON.stringify(TRUSTED_ORIGINS),
  })

  it.each(['/api/count', '/api/webhooksx/pay', '/nowhere', '/'])('refuses state-changing requests of other origins to %s, with a session or without', async (path) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const headers of FOREIGN) {
        const { status, body, setCookies } = await ask(server, method, path, { accept: 'application/json', ...headers })
        expect([status, body, setCookies], `${method} ${JSON.stringify(headers)}`).toEqual([403, REFUSED, []])
      }
    }
  })

  it('lets requests pass that change nothing, or come from this origin, a trusted one, or no browser', async () => {
    for (const headers of FOREIGN) expect((await ask(server, 'GET', '/api/count', headers)).status).toBe(200)
    const own = [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: server.url }, { origin: 'https://trusted.example' }, {}] as Record<string, string>[]
    for (const headers of own) expect(await ask(server, 'POST', '/api/count', headers), JSON.stringify(headers)).toMatchObject({ status: 200, body: { count: 1 } })
  })

  it('exempts the routes of a rule', async () => {
    for (const headers of FOREIGN)
      expect(await ask(server, 'POST', '/api/webhooks/pay?from=provider', headers)).toMatchObject({ status: 200, body: { received: 'pay' } })
  })

  const statusOf = async (headers: Record<string, string>, method = 'POST') =>
    (await rawRequest(Number(new URL(server.url).port), '/api/count', { method, headers })).status

  it.each(GO_CASES)('passes the case of Go: %s', async (_, method, site, origin, status) => {
    expect(await statusOf({ host: 'example.com', ...site && { 'sec-fetch-site': site }, ...origin && { origin } }, method)).toBe(status)
  })

  it.each([
    ...TRUSTED_CASES.map(([headers, status]) => [{ host: 'example.com', ...headers }, status] as const),
    // Every request has a Host, which some platforms need.
    ...HOST_CASES.filter(([{ host }]) => host),
  ])('gives a request with %j the status %i', async (headers, status) => {
    expect(await statusOf(headers)).toBe(status)
  })

  it('logs none of these answers', () => expect(server.stderr).toBe(''))
})

describe('without crossOrigin', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  it('requireSameOrigin checks one route, whatever the method', async () => {
    for (const headers of FOREIGN) {
      for (const method of ['GET', 'POST'])
        expect(await ask(server, method, '/api/same-origin', { accept: 'application/json', ...headers })).toMatchObject({ status: 403, body: REFUSED })
      expect((await ask(server, 'POST', '/api/count', headers)).status).toBe(200)
    }
    expect(await ask(server, 'POST', '/api/same-origin', { origin: server.url })).toMatchObject({ status: 200, body: 'passed' })
    expect((await visit(server, '/api/same-origin')).status).toBe(200)
  })
})

describe('crossOrigin: \'refuse\' for WebSockets', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CROSS_ORIGIN: 'refuse' })

  /** The first bytes of the response to an upgrade request. */
  async function upgrade(headers: Record<string, string>, path = '/_socket'): Promise<string> {
    const { hostname, port, host } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    const lines = Object.entries({ 'host': host, 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers })
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(line => line.join(': ')).join('\r\n')}\r\n\r\n`)
    const [head] = await once(socket, 'data')
    socket.destroy()
    return String(head)
  }

  it('refuses those of other origins, with a session or without', async () => {
    for (const headers of FOREIGN) {
      for (const path of ['/_socket', '/nowhere', '/api/webhooksx/pay'])
        expect(await upgrade(headers, path), JSON.stringify(headers)).toMatch(/^HTTP\/1.1 403 /)
    }
  })

  it('opens those of this origin, and of no browser', async () => {
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: server.url }, {}] as Record<string, string>[])
      expect(await upgrade(headers), JSON.stringify(headers)).toMatch(/^HTTP\/1.1 101 /)
  })

  it('exempts the routes of a rule', async () => {
    expect(await upgrade({ origin: 'https://attacker.example' }, '/api/webhooks/pay')).toMatch(/^HTTP\/1.1 101 /)
  })
})

const APP_OF_PAGES = ({ 'nuxt': 'client', 'nuxt-5': 'main' } as const)[TARGET_NAME as string]

describe.runIf(APP_OF_PAGES)('crossOrigin: \'refuse\' for a page that a link of another site opens', () => {
  const server = suiteServer(APP_OF_PAGES!, { NUXT_SESSION_PASSWORD, NUXT_SESSION_CROSS_ORIGIN: 'refuse' })

  it('does not refuse the requests that the page makes while it is rendered', async () => {
    const browser = new Browser(server)
    await browser.request(TARGET_NAME === 'nuxt' ? '/api/visit' : '/api/count', { method: 'POST' })
    const { status, text, setCookies } = await browser.request('/writes', { headers: { 'sec-fetch-site': 'cross-site' } })
    expect([status, setCookies.length]).toEqual([200, 1])
    expect(text).not.toContain('SESSION_FOREIGN_ORIGIN')
    expect((await ask(server, 'POST', '/api/visit', { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  })
})
