import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { rawRequest } from '../support/raw-request'
import type { RawAnswer, RawRequest } from '../support/raw-request'
import { openApp, openPanel, reloadPanel, shownSession, suiteChromium } from './support/chromium'
import type { PanelPage } from './support/chromium'
import { suiteDevServer } from './support/dev-server'
import { DEVTOOLS, IS_PAGE } from './support/devtools'
import { DevtoolsSocket } from './support/devtools-socket'

const PANEL = DEVTOOLS.panel
const API = `${PANEL}/api`
const MARKER = 'marker-of-the-attacked-session'
/** The operations by POST. */
const OPERATIONS = ['data', 'event', 'options', 'forget', 'open', 'edit', 'restore', 'regenerate', 'expire', 'clear', 'revoke', 'create', 'reveal', 'unseal']
const ADDRESS = Object.values(networkInterfaces()).flat().find(item => item && !item.internal && item.family === 'IPv4')?.address

// Like a developer who tries the app on a phone.
const server = suiteDevServer('0.0.0.0')
const newContext = suiteChromium(server)

/** The victim: authorised, with the panel open and a session in the app. */
let victim: BrowserContext
let devtools: PanelPage
let app: Page
let token = ''
let cookie = ''
/** The panel's key of the victim's stored session. The key is enough to revoke the session. */
let storedKey = ''
beforeAll(async () => {
  victim = await newContext()
  victim.on('request', (request) => { token ||= request.headers()['x-nuxt-session-token'] ?? '' })
  devtools = await openPanel(victim)
  app = await openApp(victim)
  await app.request.post('/api/cart', { data: { item: MARKER }, maxRedirects: 0 })
  await app.request.post('/api/kept/login', { data: { userId: 'victim', data: { item: MARKER } } })
  cookie = (await victim.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const { sessions } = JSON.parse((await ask('state')).text)
  storedKey = sessions.find((session: Record<string, unknown>) => session.userId === 'victim').key
})

describe('with the panel\'s own token', () => {
  it('the panel itself gets a response', async () => {
    const { status, text } = await ask('state')
    expect(status).toBe(200)
    expect(text).toContain(MARKER)
    expect(storedKey).toMatch(/^kept:[\da-f]{64}$/)
  })

  it.each<[string, Record<string, string>]>([
    ['another host name, as by DNS rebinding', { host: 'evil.test' }],
    ['another host name that begins like ours', { host: 'localhost.evil.test' }],
    ['the machine\'s address in the network', { host: '192.168.1.7:3000' }],
    ['a foreign Origin', { origin: 'http://evil.test' }],
    ['the Origin of another port', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame\'s Origin', { origin: 'null' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-real-ip', 'via', 'cf-connecting-ip'].map(
      name => [name, { [name]: '127.0.0.1' }] as [string, Record<string, string>]),
  ])('%s gets nothing', async (_, headers) => {
    for (const operation of ['state', ...OPERATIONS]) expectNothing(await ask(operation, { headers }))
    expectNothing(await request(`${PANEL}/`, { headers }))
    await expectUnharmed()
  })

  it.skipIf(!ADDRESS)('another machine gets nothing, whatever it claims', async () => {
    for (const host of [`127.0.0.1:${server.port}`, `localhost:${server.port}`, `${ADDRESS}:${server.port}`]) {
      const reached = await request('/api/ready', { address: ADDRESS, headers: { host } })
      expect(reached.status, 'the app is open to the network').toBe(200)
      for (const operation of ['state', ...OPERATIONS]) expectNothing(await ask(operation, { address: ADDRESS, headers: { host } }))
      expectNothing(await request(`${PANEL}/`, { address: ADDRESS, headers: { host } }))
    }
    await expectUnharmed()
  })

  it.skipIf(!ADDRESS)('a browser at the machine\'s address in the network is led to localhost', async () => {
    const page = await victim.newPage()
    onTestFinished(() => page.close())
    await page.goto(`http://${ADDRESS}:${server.port}${PANEL}/`)
    await page.getByText('its address is not localhost').waitFor()
    const led = `http://localhost:${server.port}${IS_PAGE ? PANEL : ''}/`
    await page.getByRole('link', { name: led }).click()
    // The page of an authorised browser has the token after it.
    await page.waitForURL(url => url.href.startsWith(led))
  })

  it.each([`/${API}/state`, `/${API.slice(1).replace('_', '%5F')}/state`, `/.${API}/state`, `/x/..${API}/state`, `/_nuxt${API}/state`, `/_nuxt/..${API}/state`, `${API.toUpperCase()}/state`, `${PANEL}//api/state`, `${PANEL}/%61pi/state`])(
    'the path %s bypasses no check', async (path) => {
      const headers = { 'x-nuxt-session-token': token, cookie, 'host': 'evil.test' }
      expect((await request(path, { headers })).text).not.toContain(MARKER)
      expect((await request(path, { headers: { ...headers, host: `127.0.0.1:${server.port}` } })).text).not.toContain(MARKER)
    })

  it.each(['/../../package.json', '/..%2f..%2f.env', '/%2e%2e/%2e%2e/.env', '/..%5c.env'])('the path %s leads to no file of the project', async (path) => {
    const { text } = await request(PANEL + path)
    expect(text).not.toContain('SESSION_PASSWORD')
    expect(text).not.toContain('"name"')
  })

  it('a preflight of another origin is not granted', async () => {
    for (const origin of ['http://evil.test', 'http://localhost:1']) {
      const { headers } = await request(`${API}/clear`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-nuxt-session-token' } })
      expect.soft(headers, origin).not.toHaveProperty('access-control-allow-origin')
    }
  })
})

describe('without the panel\'s token', () => {
  it.each([undefined, '', 'wrong', 'undefined'])('%s gets nothing', async (wrong) => {
    const headers = { cookie, ...wrong !== undefined && { 'x-nuxt-session-token': wrong } }
    for (const operation of ['state', ...OPERATIONS]) {
      const { status, text } = await request(`${API}/${operation}`, operation === 'state' ? { headers } : { headers, method: 'POST', body: { name: 'h3', key: storedKey, data: {} } })
      expect({ operation, status, text }).toEqual({ operation, status: 401, text: expect.not.stringContaining(MARKER) })
    }
    await expectUnharmed()
  })

  it('operations that change something reject GET', async () => {
    for (const operation of OPERATIONS)
      expect((await request(`${API}/${operation}`, { headers: { cookie, 'x-nuxt-session-token': token } })).status, operation).toBe(404)
    await expectUnharmed()
  })

  it.skipIf(IS_PAGE)('DevTools\' RPC gives no access without DevTools\' token', async () => {
    const socket = await openSocket()
    for (const args of [[], [''], ['wrong'], [undefined], [{ toString: 'x' }], [token]]) {
      const answer = await socket.call('nuxt-h3-session:access', args)
      expect(answer?.r).toBeUndefined()
      expect(JSON.stringify(answer)).not.toContain(token)
    }
    const authorised = await openSocket(server.devToken)
    expect((await authorised.call('nuxt-h3-session:access', [server.devToken]))?.r, 'with it, it does').toEqual({ token, api: API })
  })

  it.skipIf(IS_PAGE)('DevTools\' RPC does not answer a foreign origin', async () => {
    const socket = await DevtoolsSocket.open(server, { headers: { origin: 'http://evil.test' }, token: server.devToken }).catch(() => undefined)
    onTestFinished(() => socket?.socket.close())
    expect((await socket?.call('nuxt-h3-session:access', [server.devToken]))?.r).toBeUndefined()
  })

  it.skipIf(IS_PAGE)('all clients get only a number at a change', async () => {
    const socket = await openSocket()
    await app.request.post('/api/cart', { data: { item: `${MARKER}-again` }, maxRedirects: 0 })
    const changes = () => socket.calls.filter(({ m }) => m.startsWith('nuxt-h3-session'))
    await expect.poll(() => changes().length).toBeGreaterThan(0)
    for (const call of changes()) expect(call).toMatchObject({ m: 'nuxt-h3-session:changed', a: [expect.any(Number)] })
    const heard = socket.received.join('\n')
    for (const secret of [MARKER, token, server.devToken, 'Fe26.2']) expect(heard).not.toContain(secret)
  })
})

describe('a page of another origin in the victim\'s browser', () => {
  it.each(['127.0.0.1', 'localhost'])('on another port of %s reads and changes nothing', async (host) => {
    const page = await openEvil(host)
    const results = await page.evaluate(async ({ url, panel, api, token, key }) => {
      const attempt = (work: () => Promise<unknown>) => work().catch(error => `blocked: ${error.message}`)
      const read = (path: string, init?: RequestInit) => attempt(async () => (await fetch(url + path, init)).text())
      const attacks = [
        ...['edit', 'clear', 'expire'].map(operation => ({ operation, body: JSON.stringify({ name: 'h3', data: { hacked: true } }) })),
        // For a stored session, no cookie of the victim is needed.
        ...['edit', 'expire', 'revoke'].map(operation => ({ operation, body: JSON.stringify({ name: 'kept', key, data: { hacked: true } }) })),
      ]
      return Promise.all([
        read(`${panel}/`, { credentials: 'include' }),
        read(`${api}/state`, { credentials: 'include' }),
        // The token must make no difference.
        read(`${api}/state`, { credentials: 'include', headers: { 'x-nuxt-session-token': token } }),
        ...attacks.map(({ operation, body }) => read(`${api}/${operation}`, { method: 'POST', body, credentials: 'include', headers: { 'x-nuxt-session-token': token } })),
        ...attacks.map(({ operation, body }) => attempt(async () => (await fetch(`${url}${api}/${operation}`, { method: 'POST', body, mode: 'no-cors', credentials: 'include' })).type)),
      ])
    }, { url: server.url, panel: PANEL, api: API, token, key: storedKey })
    expect(results.join('\n')).not.toContain(MARKER)
    expect(results.filter(result => !/^(?:blocked: |opaque$|\{"error":)/.test(String(result)))).toEqual([])
    await expectUnharmed()
  })

  it('cannot put the panel into a frame, nor load its script', async () => {
    const page = await openEvil('127.0.0.1')
    const outcome = await page.evaluate(async (panel) => {
      const load = (element: HTMLElement) => new Promise<string>((resolve) => {
        element.onload = () => resolve('loaded')
        element.onerror = () => resolve('failed')
        document.body.append(element)
      })
      const frame = Object.assign(document.createElement('iframe'), { src: `${panel}/` })
      await load(frame)
      return { script: await load(Object.assign(document.createElement('script'), { src: `${panel}/icon.svg` })), image: await load(Object.assign(document.createElement('img'), { src: `${panel}/icon.svg` })) }
    }, server.url + PANEL)
    expect(outcome).toEqual({ script: 'failed', image: 'failed' })
    const framed = await Promise.all(page.frames().slice(1).map(frame => frame.content().catch(() => '')))
    expect(framed.join()).not.toContain('id="app"')
  })

  it('cannot redeem a link', async () => {
    const made = await ask('create', { body: { name: 'h3', data: { hacked: true } } })
    const { link } = JSON.parse(made.text)
    const page = await openEvil('127.0.0.1')
    await page.evaluate(href => fetch(href, { mode: 'no-cors', credentials: 'include' }).catch(() => undefined), server.url + link)
    await page.evaluate((href) => { location.href = href }, server.url + link)
    await page.waitForURL(server.url + link)
    expect(await page.textContent('body')).toContain('it comes from a page of another origin')
    await expectUnharmed()
    expect((await request(link)).status, 'it is still unspent').toBe(204)
  })

  it('below the panel\'s path, but without an authorisation, gets no token', async () => {
    const stranger = await newContext({ isAuthorised: false })
    const page = await stranger.newPage()
    await page.goto(`${PANEL}/`)
    await page.getByText(DEVTOOLS.unauthorised).waitFor()
  })
})

describe('a page of the app itself', () => {
  it('gets nothing of what the panel\'s service worker keeps, not even in a frame of the panel\'s URL', async () => {
    // When its page is left, the panel gives its worker what it has seen.
    await devtools.panel.getByRole('option').filter({ hasText: 'victim' }).first().waitFor()
    await reloadPanel(devtools)
    const answers = await app.evaluate(async ({ panel, token }) => {
      const open = (src: string) => new Promise<Window>((resolve) => {
        const frame = Object.assign(document.createElement('iframe'), { src })
        frame.onload = () => resolve(frame.contentWindow!)
        document.body.append(frame)
      })
      const ask = async (from: Window, message: object) => {
        const worker = (await from.navigator.serviceWorker.getRegistration(`${panel}/`))!.active!
        const { port1, port2 } = new MessageChannel()
        const answer = new Promise(resolve => (port1.onmessage = ({ data }) => resolve(data)))
        const timeout = new Promise(resolve => setTimeout(resolve, 2000))
        worker.postMessage(message, [port2])
        return JSON.stringify(await Promise.race([answer, timeout]) ?? null)
      }
      const places = [window, await open(`${panel}/`), await open(`${panel}/icon.svg`)]
      const messages = [{}, { key: undefined }, { key: '' }, { key: token }, { key: 'x'.repeat(64) }]
      return Promise.all(places.flatMap(from => messages.map(message => ask(from, message))))
    }, { panel: PANEL, token })
    expect(answers).toEqual(Array.from({ length: 15 }, () => 'null'))
    await app.reload()
  })

  it('cannot fetch the key for it', async () => {
    const file = '.data/nuxt-h3-session/history-key'
    const key = await readFile(join(server.dir, file), 'utf8')
    expect(JSON.parse((await ask('state')).text)).toHaveProperty('historyKey', key)
    const answers = await app.evaluate(({ dir, file }) => {
      const paths = [`/_nuxt/@fs${dir}/${file}`, `/_nuxt/${file}`, `/@fs${dir}/${file}`, `/${file}`]
      const urls = paths.flatMap(path => ['', '?raw', '?url', '?import&raw'].map(query => path + query))
      return Promise.all(urls.map(async url => (await fetch(url)).text()))
    }, { dir: server.dir, file })
    for (const answer of answers) expect(answer).not.toContain(key)
  })
})

function request(path: string, options?: RawRequest): Promise<RawAnswer> {
  return rawRequest(server.port, path, options)
}

/** A request of the panel, with the changes of the attack. */
function ask(operation: string, { headers, body, address }: RawRequest = {}): Promise<RawAnswer> {
  const isRead = operation === 'state'
  return request(`${API}/${operation}`, {
    method: isRead ? 'GET' : 'POST', address, body: isRead ? undefined : body ?? { name: 'kept', key: storedKey, data: {} },
    headers: { 'x-nuxt-session-token': token, cookie, ...headers },
  })
}

function expectNothing({ status, text, headers }: RawAnswer): void {
  expect(status).toBe(403)
  expect(text).not.toContain(MARKER)
  expect(text).not.toContain('<')
  expect(headers).not.toHaveProperty('set-cookie')
}

async function expectUnharmed(): Promise<void> {
  await app.reload()
  expect(await shownSession(app)).toMatchObject({ cart: expect.arrayContaining([MARKER]) })
  expect(await (await app.request.get('/api/kept')).json()).toMatchObject({ userId: 'victim', data: { item: MARKER } })
}

async function openSocket(token?: string): Promise<DevtoolsSocket> {
  const socket = await DevtoolsSocket.open(server, { token })
  onTestFinished(() => socket.socket.close())
  return socket
}

/** A page of another origin, in the browser in which the developer works. */
async function openEvil(host: string): Promise<Page> {
  const evil = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>evil</h1>')).listen(0, host)
  await once(evil, 'listening')
  const page = await victim.newPage()
  onTestFinished(async () => {
    await page.close()
    evil.close()
  })
  await page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`)
  return page
}
