import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ADA } from '../docs/support/visitor'
import { suiteServer, testPassword } from '../e2e/support/server'
import { HOSTS, suiteTlsSite } from './support/tls'

const NUXT_SESSION_PASSWORD = testPassword()
const NAME = '__Host-Http-session'
const server = suiteServer('docs-sealed', { NUXT_SESSION_PASSWORD })
const domainServer = suiteServer('docs-sealed', { NUXT_SESSION_PASSWORD, NUXT_SESSION_NAME: '__Http-session' })
const h3Server = suiteServer('docs-sealed', { NUXT_SESSION_PASSWORD, NUXT_SESSION_PRESET: 'h3' })

/** A visitor of an app, after the login. */
async function loggedIn(browser: Browser, origin: string): Promise<{ context: BrowserContext, page: Page }> {
  const context = await browser.newContext({ baseURL: origin })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto('/login')
  const status = await page.evaluate(async body => (await fetch('/api/login', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  })).status, ADA)
  expect(status).toBe(200)
  return { context, page }
}

describe('in Chromium, over TLS, the cookie of the preset "strict"', () => {
  const site = suiteTlsSite()
  const lines: string[] = []
  /** A server of somebody else in the same site. */
  const attacker: RequestListener = (_request, response) => {
    response.setHeader('set-cookie', lines).setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>attacker</title>')
  }
  const plain = createServer(attacker)
  let app: string
  let domainApp: string
  let attackerPort: number
  beforeAll(async () => {
    app = `https://${HOSTS.app}:${await site.proxy(server)}`
    domainApp = `https://${HOSTS.app}:${await site.proxy(domainServer)}`
    attackerPort = await site.serve(attacker)
    plain.listen(0, '127.0.0.1')
    await once(plain, 'listening')
  })
  afterAll(() => {
    plain.close()
    plain.closeAllConnections()
  })

  const cookiesAt = async (context: BrowserContext, url: string) =>
    (await context.cookies(url)).map(({ name, value }) => [name, value.startsWith('planted') ? value : 'sealed']).toSorted()

  it('is read by no script, and overwritten by none', async () => {
    const { context, page } = await loggedIn(site.browser, app)
    const read = await page.evaluate(async (name) => {
      const attributes = ['; Path=/; Secure', '; Path=/; Secure; Max-Age=0', '; Path=/', '; Path=/; Secure; HttpOnly']
      for (const attribute of attributes) document.cookie = `${name}=planted${attribute}`
      document.cookie = `=${name}=planted; Path=/; Secure`
      document.cookie = `\t${name}=planted; Path=/; Secure`
      document.cookie = 'script=planted by a script; Path=/; Secure'
      const store = (window as unknown as { cookieStore: { set: (name: string, value: string) => Promise<void> } }).cookieStore
      await store.set(name, 'planted').catch(() => undefined)
      return document.cookie
    }, NAME)
    expect(read).toBe('script=planted by a script')
    expect(await cookiesAt(context, app)).toEqual([[NAME, 'sealed'], ['script', 'planted by a script']])
    expect(await page.evaluate(async () => (await fetch('/api/me')).json())).toEqual({ id: '1', name: 'Ada' })
  })

  it.each([
    ['another subdomain', () => `https://${HOSTS.sibling}:${attackerPort}`],
    ['a subdomain below it', () => `https://${HOSTS.below}:${attackerPort}`],
    ['the parent domain', () => `https://${HOSTS.parent}:${attackerPort}`],
    ['another subdomain without TLS', () => `http://${HOSTS.sibling}:${(plain.address() as AddressInfo).port}`],
    ['its own host without TLS', () => `http://${HOSTS.app}:${(plain.address() as AddressInfo).port}`],
  ])('is planted by no server and no script of %s', async (_, origin) => {
    const targets = [`Domain=${HOSTS.parent}; `, `Domain=${HOSTS.app}; `, '']
    lines.splice(0, Infinity, `control=planted; Domain=${HOSTS.parent}; Path=/`, ...targets.flatMap(domain => [
      `${NAME}=planted; ${domain}Path=/; Secure; HttpOnly`, `${NAME}=planted; ${domain}Path=/api; Secure; HttpOnly`,
      `${NAME}=planted; ${domain}Path=/`, `=${NAME}=planted; ${domain}Path=/; Secure; HttpOnly`, `__host-http-SESSION=planted; ${domain}Path=/; Secure; HttpOnly`,
    ]))
    const context = await site.browser.newContext({ baseURL: app })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(origin())
    await page.evaluate(([name, domains]) => {
      for (const domain of domains) document.cookie = `${name}=planted; ${domain}Path=/; Secure`
    }, [NAME, targets] as const)
    // A cookie without a prefix shows that this page can set cookies for the app.
    const control = ['control', 'planted']
    const foreign = (await cookiesAt(context, app)).filter(([name]) => name!.toLowerCase().includes('session'))
    expect([(await cookiesAt(context, app)), foreign]).toEqual([[control], []])
    await page.goto('/login')
    const ask = (path: string, body?: object) => page.evaluate(async ([path, body]) =>
      (await fetch(path, body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).status, [path, body] as const)
    expect([await ask('/api/me'), await ask('/api/login', ADA), await ask('/api/me')]).toEqual([401, 200, 200])
    await page.goto(origin())
    await page.goto('/login')
    expect(await ask('/api/me')).toBe(200)
    expect(await cookiesAt(context, app)).toEqual([[NAME, 'sealed'], control])
  })

  it('named __Http-… is overwritten by no script, also of another subdomain', async () => {
    const { context, page } = await loggedIn(site.browser, domainApp)
    lines.splice(0, Infinity)
    const plant = () => page.evaluate((domain) => {
      for (const part of ['', `Domain=${domain}; `]) document.cookie = `__Http-session=planted; ${part}Path=/; Secure`
      document.cookie = `script=planted; Domain=${domain}; Path=/; Secure`
    }, HOSTS.parent)
    await plant()
    await page.goto(`https://${HOSTS.sibling}:${attackerPort}`)
    await plant()
    expect(await cookiesAt(context, domainApp)).toEqual([['__Http-session', 'sealed'], ['script', 'planted']])
  })
})

describe.each([
  { kind: 'the back/forward cache', isPersisted: true, options: { ignoreDefaultArgs: ['--disable-back-forward-cache'] } },
  { kind: 'the HTTP cache', isPersisted: false, options: {} },
])('in Chromium, over TLS, Back with $kind after a logout', ({ isPersisted, options }) => {
  const site = suiteTlsSite(options)
  const origins: Record<string, string> = {}
  beforeAll(async () => {
    origins.strict = `https://${HOSTS.app}:${await site.proxy(server)}`
    origins.h3 = `https://${HOSTS.app}:${await site.proxy(h3Server)}`
  })

  /** Opens a page of the user, logs out on the next one, goes back, and returns what is shown at first and at last. */
  async function backAfterLogout(preset: string, path: string, logout: (page: Page) => Promise<unknown>) {
    const { page } = await loggedIn(site.browser, origins[preset]!)
    await page.addInitScript(() => {
      window.addEventListener('pageshow', ({ persisted }) => Object.assign(window, { shown: { persisted, text: document.body.textContent } }))
    })
    await page.goto(path)
    expect(await page.textContent('body')).toContain('Ada')
    await page.goto('/contact')
    await logout(page)
    await page.evaluate(() => Object.assign(window, { shown: undefined }))
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => (window as unknown as { shown?: object }).shown !== undefined)
    return page.evaluate(() => (window as unknown as { shown: { persisted: boolean, text: string } }).shown)
  }

  const LOGOUTS: [string, (page: Page) => Promise<unknown>][] = [
    ['a route', page => page.evaluate(() => fetch('/api/logout', { method: 'POST' }).then(response => response.text()))],
    ['the endpoint of clear()', page => page.evaluate(() => fetch('/api/_session', { method: 'DELETE' }).then(response => response.text()))],
  ]

  it.each(LOGOUTS.flatMap(([by, logout]) => ['/account', '/', '/api/me'].map(path => [path, by, logout] as const)))('shows nothing of %s with the preset "strict", by %s', async (path, _, logout) => {
    expect(await backAfterLogout('strict', path, logout)).toEqual({ persisted: false, text: expect.not.stringContaining('Ada') })
  })

  // From the HTTP cache it shows nothing in either case: the page varies by the cookie, which is gone.
  it('shows the page again without the preset, if it is from the back/forward cache', async () => {
    const shown = await backAfterLogout('h3', '/api/me', LOGOUTS[0]![1])
    expect([shown.persisted, shown.text.includes('Ada')]).toEqual([isPersisted, isPersisted])
  })
})
