import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { HOSTS, suiteTlsSite } from './support/tls'

const server = suiteServer('main', { NUXT_SESSION_PASSWORD: testPassword(), NUXT_SESSION_CROSS_ORIGIN: 'refuse' })
const site = suiteTlsSite()
const attackerPage: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>attacker</title>')
}
const attacker = createServer(attackerPage)
const tls = { app: 0, attacker: 0 }

beforeAll(async () => {
  Object.assign(tls, { app: await site.proxy(server), attacker: await site.serve(attackerPage) })
  attacker.listen(0, '127.0.0.1')
  await once(attacker, 'listening')
})
afterAll(() => {
  attacker.close()
  attacker.closeAllConnections()
})

const port = () => (attacker.address() as AddressInfo).port
const overTls = () => `https://${HOSTS.app}:${tls.app}`
/** Without TLS, Chromium sends `Sec-Fetch-Site` to addresses of this machine only, so `Origin` decides. */
const withoutTls = () => `http://${HOSTS.app}:${new URL(server.url).port}`

/** The requests that a page can send to another origin. Each is sent in the page, with the address of the target. */
const REQUESTS: Record<string, (url: string) => unknown> = {
  'a form': (url) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url })
    document.body.append(form)
    form.submit()
  },
  'a form in the iframe of a data URL': (url) => {
    const frame = document.createElement('iframe')
    frame.src = `data:text/html,<form method="post" action="${url}"></form><script>document.forms[0].submit()</script>`
    document.body.append(frame)
  },
  'fetch': url => void fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => undefined),
  'sendBeacon': url => navigator.sendBeacon(url, 'x'),
}

async function pageAt(url: string): Promise<Page> {
  const context = await site.browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Sends a request from a page, and returns the status that the app answers. */
async function statusOf(page: Page, kind: string, app: string): Promise<number> {
  const answer = page.context().waitForEvent('response', response => response.url().endsWith('/api/count'))
  await page.evaluate(REQUESTS[kind]!, `${app}/api/count`)
  return (await answer).status()
}

/** Whether a page can open a WebSocket to the app. */
function canOpen(page: Page, app: string): Promise<boolean> {
  return page.evaluate(url => new Promise<boolean>((resolve) => {
    const socket = new WebSocket(url)
    socket.onopen = () => resolve(true)
    socket.onerror = () => resolve(false)
  }), `${app.replace('http', 'ws')}/_socket`)
}

describe.each([
  ['another site', () => `http://localhost:${port()}/`, () => server.url],
  ['another port of the same host', () => `http://127.0.0.1:${port()}/`, () => server.url],
  ['another port of the same host, over TLS', () => `https://${HOSTS.app}:${tls.attacker}/`, overTls],
  ['another subdomain, over TLS', () => `https://${HOSTS.sibling}:${tls.attacker}/`, overTls],
  ['a subdomain below the app, over TLS', () => `https://${HOSTS.below}:${tls.attacker}/`, overTls],
  ['the parent domain, over TLS', () => `https://${HOSTS.parent}:${tls.attacker}/`, overTls],
  ['another port of the same host, without TLS', () => `http://${HOSTS.app}:${port()}/`, withoutTls],
  ['another subdomain, without TLS', () => `http://${HOSTS.sibling}:${port()}/`, withoutTls],
])('in Chromium, a page of %s', (_, url, app) => {
  it.each(Object.keys(REQUESTS))('gets 403 by %s', async (kind) => {
    expect(await statusOf(await pageAt(url()), kind, app())).toBe(403)
  })

  it('opens no WebSocket', async () => {
    expect(await canOpen(await pageAt(url()), app())).toBe(false)
  })
})

describe.each([
  ['on this machine', () => server.url],
  ['over TLS', overTls],
  ['without TLS', withoutTls],
])('in Chromium, a page of the app %s', (_, app) => {
  it.each(['a form', 'fetch', 'sendBeacon'])('passes by %s', async (kind) => {
    expect(await statusOf(await pageAt(app()), kind, app())).toBe(200)
  })

  it('opens its WebSocket', async () => {
    expect(await canOpen(await pageAt(app()), app())).toBe(true)
  })
})
