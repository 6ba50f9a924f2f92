import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { PAGE_PATH, TOKEN_HEADER } from '../../../src/devtools/protocol'
import { keyOf, observed, session } from './support/observed'
import { PanelServer, TOKEN } from './support/panel-server'

const PANEL = '/__nuxt_session__'
const POST_OPERATIONS = ['data', 'event', 'options', 'forget', 'open', 'edit', 'restore', 'regenerate', 'expire', 'clear', 'revoke', 'create', 'reveal', 'unseal']
const CREATE = { name: 'h3', data: { user: 'ada' } }

let panel: PanelServer
beforeAll(async () => {
  panel = await PanelServer.start()
})
afterAll(() => panel.stop())
afterEach(() => { vi.unstubAllEnvs() })
beforeEach(() => {
  panel.commands.length = 0
  panel.answer = { lines: [] }
  panel.storages = {}
  panel.reports = []
  panel.own = []
})

describe('a path outside the panel', () => {
  it.each(['/', '/api', '/__nuxt_session', '/__nuxt_session__x', '/__nuxt_session__x/api/state', '/%5F_nuxt_session__/api/state', '/__NUXT_SESSION__/api/state',
    '//__nuxt_session__/api/state', '/./__nuxt_session__/api/state', '/x/../__nuxt_session__/api/state', '/x/__nuxt_session__/api/state', '/?/__nuxt_session__/api/state',
    'http://127.0.0.1/__nuxt_session__/api/state'])('%s reaches the app, without the panel\'s headers', async (path) => {
    const { text, headers } = await panel.request(path, { headers: { [TOKEN_HEADER]: TOKEN } })
    expect(text).toBe('the app')
    expect(headers['content-security-policy']).toBeUndefined()
  })
})

describe('the panel\'s files', () => {
  it('are served with security headers', async () => {
    const { status, text, headers } = await panel.request(`${PANEL}/`)
    expect({ status, text }).toEqual({ status: 200, text: '<h1>the panel</h1>' })
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/default-src 'self';.*frame-ancestors 'self'/),
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('are found without the trailing slash too', async () => {
    expect(await panel.request(PANEL)).toMatchObject({ status: 302, headers: { location: `${PANEL}/` } })
  })

  it.each(['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/..%5csecret.txt', '/assets/../../secret.txt', '//../secret.txt', '/%00', '/%', '/%2e%2e%2f%2e%2e%2fetc/passwd'])(
    'are the only files that %s can reach', async (path) => {
      const { status, text } = await panel.request(PANEL + path)
      expect([200, 400, 404]).toContain(status)
      expect(text).not.toContain('beside')
      expect(text).not.toContain('root:')
    })

  it('are below the app\'s base URL', async () => {
    const based = await PanelServer.start('/shop')
    onTestFinished(() => based.stop())
    expect((await based.request(`/shop${PANEL}/`)).text).toBe('<h1>the panel</h1>')
    expect((await based.request(`${PANEL}/`)).text).toBe('the app')
    expect((await based.request(`/shop${PANEL}/api/state`)).status).toBe(401)
    const made = await based.request(`/shop${PANEL}/api/create`, { method: 'POST', headers: { [TOKEN_HEADER]: TOKEN }, body: CREATE })
    const { link } = JSON.parse(made.text)
    expect(link).toMatch(/^\/shop\/__nuxt_session__\/use\/[\w-]{43}$/)
    expect(await based.request(link, { headers: { 'sec-fetch-mode': 'navigate' } })).toMatchObject({ status: 302, headers: { location: '/shop/' } })
  })
})

describe('a request that does not come from this machine\'s own app', () => {
  const ATTACKS: Record<string, Record<string, string>> = {
    'with another host name': { host: 'evil.test' },
    'of a page of another origin': { origin: 'http://evil.test' },
    'of a page on another port': { 'origin': 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    'of a sandboxed frame': { origin: 'null' },
    'from another site': { 'sec-fetch-site': 'cross-site' },
    'through a tunnel': { 'x-forwarded-for': '127.0.0.1' },
  }

  it.each(Object.entries(ATTACKS))('%s gets 403 from every path and changes nothing', async (_, headers) => {
    const { link } = JSON.parse((await panel.ask('create', CREATE)).text)
    const paths = ['', '/', '/index.html', '/icon.svg', '/api/state', '/api/unknown', link.slice(PANEL.length)]
    for (const path of paths) {
      const { status, text, headers: answered } = await panel.request(PANEL + path, { headers: { [TOKEN_HEADER]: TOKEN, ...headers } })
      expect({ path, status }).toEqual({ path, status: 403 })
      expect(text).toMatch(/^\{"error":"This request may not see the sessions: [^"]+"\}$/)
      expect(answered).not.toHaveProperty('access-control-allow-origin')
      expect(answered).not.toHaveProperty('set-cookie')
    }
    for (const operation of POST_OPERATIONS) expect((await panel.ask(operation, { ...CREATE, key: 'h3:a', text: 'x' }, headers)).status).toBe(403)
    expect(panel.commands).toEqual([])
    expect((await panel.request(link)).status, 'the link is still unused').toBe(204)
  })

  it('gets a page that leads to the panel itself, if the panel is a page without DevTools', async () => {
    const page = await PanelServer.start('/base', PAGE_PATH)
    onTestFinished(() => page.stop())
    const { text } = await page.request(`/base${PAGE_PATH}/`, { headers: { 'host': '192.168.1.7:3000', 'sec-fetch-mode': 'navigate' } })
    expect(text).toContain(`<a href="http://localhost:${page.port}/base${PAGE_PATH}/" target="_top">`)
    expect(text).not.toContain('DevTools')
  })

  it('gets a page that leads to localhost, if a browser shows the response', async () => {
    for (const headers of [{ 'sec-fetch-mode': 'navigate' }, { accept: 'text/html,*/*' }] as Record<string, string>[]) {
      const { status, text, headers: answered } = await panel.request(`${PANEL}/`, { headers: { host: '192.168.1.7:3000', ...headers } })
      expect(status).toBe(403)
      expect(answered).toMatchObject({ 'content-type': 'text/html', 'content-security-policy': expect.stringContaining('default-src \'self\'') })
      expect(text).toContain(`<a href="http://localhost:${panel.port}/" target="_top">`)
      expect(text).toContain('may not see the sessions: its address is not localhost.')
      expect(text).not.toContain('192.168')
    }
  })

  it('gets 403 for a preflight too', async () => {
    const { status, headers } = await panel.request(`${PANEL}/api/edit`, {
      method: 'OPTIONS',
      headers: { 'origin': 'http://evil.test', 'access-control-request-method': 'POST', 'access-control-request-headers': TOKEN_HEADER },
    })
    expect(status).toBe(403)
    expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([])
  })
})

describe('the API', () => {
  it.each([undefined, '', 'x', `${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase(), `${TOKEN}, ${TOKEN}`])('answers 401 to the token %s', async (token) => {
    for (const operation of ['state', 'unknown', ...POST_OPERATIONS]) {
      const { status, text } = await panel.request(`${PANEL}/api/${operation}`, {
        method: operation === 'state' ? 'GET' : 'POST', headers: token === undefined ? {} : { [TOKEN_HEADER]: token }, body: operation === 'state' ? undefined : {},
      })
      expect({ status, text }).toEqual({ status: 401, text: '{"error":"The panel\'s token is missing or wrong. Authorise this browser."}' })
    }
    expect(panel.commands).toEqual([])
  })

  it.each(POST_OPERATIONS)('does not %s by GET', async (operation) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const { status } = await panel.request(`${PANEL}/api/${operation}`, { method, headers: { [TOKEN_HEADER]: TOKEN } })
      expect({ method, status }).toEqual({ method, status: 404 })
    }
    expect(panel.commands).toEqual([])
  })

  it.each(['', 'constructor', '__proto__', 'toString', 'state/', 'state/../edit', 'STATE', '%73tate'])('has no operation "%s"', async (operation) => {
    expect((await panel.ask(operation)).status).toBe(404)
    expect((await panel.ask(operation, {})).status).toBe(404)
  })

  it('returns the state', async () => {
    panel.inspector.record(observed({ session: session('a', { n: 1 }) }))
    const { status, text, headers } = await panel.ask('state')
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(JSON.parse(text)).toMatchObject({
      names: ['h3', 'cart'], presets: { admin: { userId: '1', data: { role: 'admin' } } }, stores: [], limits: { cookieBytes: 4096, sealLength: 16_384, cookies: { h3: { maxBytes: 8192, chunkMaxLength: 4000 } } }, historyKey: 'key-of-the-history',
      sessions: [{ key: keyOf('a'), data: { n: 1 } }], requests: [{ events: [{ kind: 'load' }] }],
    })
  })

  it('shows a cookie that no request has used since the server started, with its session or its verdict', async () => {
    panel.answer = [
      { message: observed({ kind: 'renew', method: 'DevTools', session: session('from-cookie', { n: 1 }), tokenHash: createHash('sha256').update('unseen').digest('base64url') }) },
      { message: observed({ kind: 'reject', method: 'DevTools', name: 'cart', reason: 'tampered', verdict: 'v' }), verdict: { type: 'verdict', of: 'v', reason: 'tampered', name: 'cart', token: { isEmpty: false, isSeal: true, parts: 8 }, inspected: {} } },
    ]
    const { text } = await panel.ask('state', undefined, { cookie: 'h3=unseen; cart=bad' })
    expect(panel.commands.filter(({ op }) => op !== 'stored')).toEqual([{ op: 'own', cookie: 'h3=unseen; cart=bad', names: ['h3', 'cart'] }])
    expect(JSON.parse(text)).toMatchObject({ current: [keyOf('from-cookie')], sessions: expect.arrayContaining([expect.objectContaining({ id: 'from-cookie', data: { n: 1 } })]) })
    expect(JSON.parse(text).requests.at(-1).events[0]).toMatchObject({ kind: 'reject', name: 'cart', explanation: expect.stringContaining('No configured password opens it') })
    await panel.ask('state', undefined, { cookie: 'h3=unseen; cart=bad' })
    expect(panel.commands.filter(({ op }) => op === 'own')).toHaveLength(1)
  })

  it('checks a cookie once, also if several requests come at the same time', async () => {
    await panel.ask('forget', {})
    panel.answer = [{ message: observed({ kind: 'reject', method: 'DevTools', reason: 'tampered', verdict: 'v' }) }]
    const answers = await Promise.all(Array.from({ length: 3 }, () => panel.ask('state', undefined, { cookie: 'h3=stale' })))
    for (const { text } of answers) expect(JSON.parse(text).requests).toHaveLength(1)
    expect(panel.commands.filter(({ op }) => op === 'own')).toHaveLength(1)
  })

  it('finds this browser\'s session of a name that only calls have, also when the requests are cleared', async () => {
    panel.inspector.record(observed({ name: 'by-call', session: session('a'), tokenHash: createHash('sha256').update('seal').digest('base64url') }))
    await panel.ask('forget', {})
    expect(JSON.parse((await panel.ask('state', undefined, { cookie: 'by-call=seal' })).text).current).toEqual([keyOf('a', 'by-call')])
  })

  it('tells all panels of a clear, and how many there were, so that they drop what they have kept', async () => {
    const [{ clears }, { changed }] = [await panel.state(), panel]
    await panel.ask('forget', {})
    expect(panel.changed).toBe(changed + 1)
    expect((await panel.state()).clears).toBe(clears + 1)
  })

  it('opens only sources of recorded events in the editor', async () => {
    const [editor, opened] = ['editor', 'opened'].map(name => join(panel.dir, name)) as [string, string]
    await writeFile(editor, `#!/bin/sh\necho "$@" > ${opened}\n`, { mode: 0o755 })
    await writeFile(join(panel.dir, 'cart.ts'), '')
    vi.stubEnv('LAUNCH_EDITOR', editor)
    panel.inspector.record(observed({ session: session('a') }), ['cart.ts:3'])
    for (const source of ['other.ts:3', '/etc/passwd', '../x', '', undefined])
      expect(await panel.ask('open', { source })).toMatchObject({ status: 400, text: expect.stringContaining('error') })
    expect(existsSync(opened)).toBe(false)
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const asked = panel.ask('open', { source: 'cart.ts:3' })
    await expect.poll(() => readFile(opened, 'utf8').catch(() => '')).toContain(join(panel.dir, 'cart.ts'))
    vi.runAllTimers()
    expect((await asked).status).toBe(200)
  })

  it.each([
    ['cannot run', 'no-such-editor', 'spawn no-such-editor ENOENT'],
    ['fails', 'false', '(code 1)'],
  ])('says why an editor that %s has not opened the file', async (_, editor, reason) => {
    await writeFile(join(panel.dir, 'cart.ts'), '')
    vi.stubEnv('LAUNCH_EDITOR', editor)
    panel.inspector.record(observed({ session: session('a') }), ['cart.ts:3'])
    const { status, text } = await panel.ask('open', { source: 'cart.ts:3' })
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toMatch(/^The editor did not open the file: .+\. Set the environment variable LAUNCH_EDITOR to the command of another one, and restart the server\.$/)
    expect(text).toContain(reason)
  })

  it('passes the browser\'s cookies to the worker, and the worker\'s Set-Cookie lines to the browser', async () => {
    panel.answer = { lines: ['h3=new; Path=/; HttpOnly', 'h3.1=; Max-Age=0'] }
    const { status, headers } = await panel.ask('edit', CREATE, { 'cookie': 'h3=old', 'user-agent': 'test', 'x-other': 'not passed on' })
    expect(status).toBe(200)
    expect(headers['set-cookie']).toEqual(['h3=new; Path=/; HttpOnly', 'h3.1=; Max-Age=0'])
    expect(panel.commands).toEqual([
      { op: 'act', action: 'edit', name: 'h3', data: CREATE.data, headers: { 'cookie': 'h3=old', 'host': panel.host, 'user-agent': 'test' } },
    ])
  })

  it.each([
    ['no JSON', '{'], ['an array', '[]'], ['null', 'null'], ['no name', { data: {} }], ['a name that is not a string', { name: {}, data: {} }],
    ['data that is an array', { name: 'h3', data: [] }], ['data that is null', { name: 'h3', data: null }], ['too long', { name: 'h3', data: { x: 'x'.repeat(257 * 1024) } }], ['far too long', { name: 'h3', data: { x: 'x'.repeat(5_000_000) } }],
  ])('rejects an edit with a body that is or has %s', async (_, body) => {
    const { status, text } = await panel.ask('edit', body)
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toEqual(expect.any(String))
    expect([panel.commands, panel.cutRequests]).toEqual([[], 0])
  })

  it('says the limit of a body that is too long, and how many levels data has', async () => {
    const errorOf = async (data: string) => JSON.parse((await panel.ask('edit', `{"name":"h3","data":${data}}`)).text).error
    expect(await errorOf(`{"x":"${'x'.repeat(300 * 1024)}"}`)).toContain('it has 301 KB, and the limit is 256 KB')
    expect(await errorOf(`{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toContain('at most 500 levels')
  })

  it.each(['create', 'edit', 'restore'])('refuses to %s data with the key __proto__, which sessions drop', async (operation) => {
    const { status, text } = await panel.ask(operation, '{"name":"h3","data":{"user":{"__proto__":{"admin":true}}}}')
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toContain('cannot have the key "__proto__"')
    expect(panel.commands).toEqual([])
  })

  it.each([{ userId: { id: 1 } }, { userId: 7 }, { maxAge: '60' }, { maxAge: null }])('issues no link for %j, which would be ignored', async (options) => {
    const { status, text } = await panel.ask('create', { ...CREATE, ...options })
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toMatch(/^"(?:userId|maxAge)" must be a (?:string|number)\.$/)
  })

  it('passes on the worker\'s error', async () => {
    panel.answer = 'This browser has no session "h3" that the app accepts.'
    expect(await panel.ask('clear', { name: 'h3' })).toMatchObject({ status: 400, text: JSON.stringify({ error: panel.answer }) })
  })

  it('reveals no seal of an unlisted session, nor of a session sealed with another password', async () => {
    panel.inspector.record(observed({ session: session('theirs'), keeper: 'h3' }))
    expect((await panel.ask('reveal', { key: keyOf('unknown') })).status).toBe(400)
    expect((await panel.ask('reveal', { key: keyOf('theirs') })).text).toContain('does not have its password')
    expect(panel.commands).toEqual([])
  })
})

describe('a link', () => {
  it('sets the cookie once', async () => {
    panel.answer = { lines: ['h3=made; Path=/'] }
    const { link } = JSON.parse((await panel.ask('create', { ...CREATE, userId: 'u', maxAge: 60 })).text)
    expect(panel.commands, 'nothing is created before it is opened').toEqual([])
    expect(await panel.request(link, { headers: { cookie: 'h3.1=x' } })).toMatchObject({ status: 204, headers: { 'set-cookie': ['h3=made; Path=/'] } })
    expect(panel.commands).toMatchObject([{ op: 'create', ...CREATE, userId: 'u', maxAge: 60, headers: { cookie: 'h3.1=x' } }])
    const again = await panel.request(link)
    expect(again.status).toBe(404)
    expect(again.headers).not.toHaveProperty('set-cookie')
  })

  it('does not work 30 seconds later', async () => {
    const { link, expiresAt } = JSON.parse((await panel.ask('create', CREATE)).text)
    panel.now = expiresAt
    expect((await panel.request(link)).status).toBe(404)
    expect(panel.commands).toEqual([])
  })

  it('that is used or expired answers a page that says what to do, if a browser shows the response', async () => {
    const based = await PanelServer.start('/shop')
    onTestFinished(() => based.stop())
    for (const headers of [{ 'sec-fetch-mode': 'navigate' }, { accept: 'text/html,*/*' }] as Record<string, string>[]) {
      const { status, text, headers: answered } = await based.request(`/shop${PANEL}/use/used`, { headers })
      expect(status).toBe(404)
      expect(answered).toMatchObject({ 'content-type': 'text/html', 'cache-control': 'no-store', 'content-security-policy': expect.stringContaining('default-src \'self\'') })
      expect(answered).not.toHaveProperty('set-cookie')
      expect(text).toMatch(/^<!doctype html>/)
      expect(text).toContain('works once, within 30 seconds')
      expect(text).toContain('create the session again')
      expect(text).toContain('<a href="/shop/">')
    }
  })

  it('whose session cannot be created answers a page with the reason', async () => {
    const { link } = JSON.parse((await panel.ask('create', CREATE)).text)
    panel.answer = 'the session "<img src=x>" & its data'
    const { status, text } = await panel.request(link, { headers: { 'sec-fetch-mode': 'navigate' } })
    expect(status).toBe(400)
    expect(text).toContain('the session &quot;&lt;img src=x&gt;&quot; &amp; its data')
    expect(text).not.toContain('<img')
  })

  it('works with GET only, and other methods do not use it up', async () => {
    const { link } = JSON.parse((await panel.ask('create', CREATE)).text)
    for (const method of ['HEAD', 'POST', 'OPTIONS']) expect((await panel.request(link, { method })).status).toBe(404)
    expect((await panel.request(link)).status).toBe(204)
  })

  it('is not used up by a prefetch, which gets no cookie', async () => {
    const { link } = JSON.parse((await panel.ask('create', CREATE)).text)
    for (const [name, value] of [['sec-purpose', 'prefetch'], ['sec-purpose', 'prefetch;prerender'], ['purpose', 'prefetch'], ['x-moz', 'prefetch'], ['x-purpose', 'preview, Prefetch']] as const)
      expect(await panel.request(link, { headers: { 'sec-fetch-mode': 'navigate', [name]: value } }), `${name}: ${value}`).toMatchObject({ status: 503, headers: expect.not.objectContaining({ 'set-cookie': expect.anything() }) })
    expect((await panel.request(link)).status).toBe(204)
  })

  it('cannot be guessed', async () => {
    for (const ticket of ['', 'x', '__proto__']) expect((await panel.request(`${PANEL}/use/${ticket}`)).status).toBe(404)
  })
})

describe('the channel', () => {
  it('delivers what the worker observed, and ignores unknown messages', async () => {
    panel.post({ type: 'unknown' })
    panel.post({ type: 'answer', id: 4711, result: {} })
    panel.post({ type: 'reports', reports: [{ type: 'observed', kind: 'load' }, { type: 'sent', request: 'r', at: 1, status: 200, duration: 1 }] })
    await expect.poll(() => panel.observed).toEqual([{ type: 'observed', kind: 'load' }, { type: 'sent', request: 'r', at: 1, status: 200, duration: 1 }])
  })
})

it('a browser that leaves before the response is ready ends nothing but its request', async () => {
  const before = panel.requests
  const leaving = new AbortController()
  const body = new ReadableStream({ start: controller => controller.enqueue(new TextEncoder().encode('{')) })
  const init = { method: 'POST', headers: { [TOKEN_HEADER]: TOKEN }, body, duplex: 'half', signal: leaving.signal } as RequestInit
  const left = fetch(`http://${panel.host}${PANEL}/api/unseal`, init).catch(() => 'left')
  await expect.poll(() => panel.requests).toBe(before + 1)
  leaving.abort()
  expect(await left).toBe('left')
  // An error in the middleware's own response would end the process.
  expect((await panel.ask('state')).status).toBe(200)
})

describe('a response that tells of changes', () => {
  const open = (headers: Record<string, string>) => fetch(`http://${panel.host}${PANEL}/api/changes`, { headers })

  it('gets a number at each change, until it is closed', async () => {
    const response = await open({ [TOKEN_HEADER]: TOKEN })
    const reader = response.body!.getReader()
    panel.changes.notify(7)
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('7\n')
    panel.changes.close()
    expect((await reader.read()).done).toBe(true)
  })

  it('is refused without the token, and the server hears of that', async () => {
    const before = panel.refused
    expect((await open({})).status).toBe(401)
    expect((await open({ [TOKEN_HEADER]: 'wrong' })).status).toBe(401)
    expect(panel.refused).toBe(before + 2)
  })

  it('is refused to another host and another origin', async () => {
    for (const headers of [{ host: 'evil.test' }, { origin: 'http://evil.test' }, { 'x-forwarded-for': '127.0.0.1' }] as Record<string, string>[])
      expect(await panel.request(`${PANEL}/api/changes`, { headers: { [TOKEN_HEADER]: TOKEN, ...headers } })).toMatchObject({ status: 403 })
  })
})
