import { expect, describe, it } from 'vitest'
import { Browser, visit } from './support/browser'
import { suiteServer, testPassword } from './support/server'
import type { Server } from './support/server'
import { expectNothingHidden, member, payloadOf, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const PRIVATE = ['private, no-cache', 'Cookie, x-h3-session']

describe('a streamed page', () => {
  const server = suiteServer('client-streamed', { NUXT_SESSION_PASSWORD })

  it('that shows the session after its first byte is private', async () => {
    const ada = await member(server)
    const page = await openStreamed(server, '/late', ada)
    expect(cachingOf(page.headers)).toEqual(PRIVATE)
    expect(page.begin).toContain('<nav>')
    const text = await page.end()
    expect([textOf({ text }, 'name'), textOf({ text }, 'late')]).toEqual(['Ada', 'ready {"public":{"name":"Ada"}}'])
    expect(payloadOf({ text })).toContain('Ada')
    expectNothingHidden({ status: 200, headers: page.headers, setCookies: [], text, body: text }, ada)
  })

  it('shows a new visitor nothing, and creates no session', async () => {
    const page = await openStreamed(server, '/late', new Browser(server))
    expect(cachingOf(page.headers)).toEqual(PRIVATE)
    expect(page.headers.getSetCookie()).toEqual([])
    expect(textOf({ text: await page.end() }, 'late')).toBe('ready {}')
  })

  it.each(['/', '/early', '/plain'])('%s sends Vary before it is known whether it shows the session', async (path) => {
    for (const browser of [await member(server), new Browser(server)])
      expect(cachingOf((await browser.request(path)).headers), path).toEqual(PRIVATE)
  })

  it('keeps the session unchanged if it is written after the first byte', async () => {
    const ada = await member(server)
    const page = await openStreamed(server, '/late-writes', ada)
    expect(page.headers.getSetCookie()).toEqual([])
    const text = await page.end()
    expect([textOf({ text }, 'visit'), textOf({ text }, 'cleared')]).toEqual(['500', 'SESSION_HEADERS_SENT'])
    expect(server.stderr).toContain('SESSION_HEADERS_SENT')
    expect((await ada.request('/api/seen')).body).toEqual({ visits: 0, isNew: false })
  })

  it('redirects to the login page if it is guarded', async () => {
    const { status, headers } = await visit(server, '/guarded')
    expect([status, headers.get('location'), ...cachingOf(headers)]).toEqual([302, '/login?redirect=/guarded', ...PRIVATE])
    expect(textOf(await (await member(server)).request('/guarded'), 'guarded')).toBe('members')
  })
})

describe('beside streamed pages, a page', () => {
  const server = suiteServer('client-streamed', { NUXT_SESSION_PASSWORD })

  it.each([
    ['by its route rule', '/whole', {}],
    ['for a crawler', '/plain', { 'user-agent': 'Googlebot' }],
  ])('that is not streamed, %s, stays cacheable unless it shows the session', async (_, path, headers) => {
    expect(cachingOf((await (await member(server)).request(path, { headers })).headers)).toEqual([null, null])
    expect(cachingOf((await (await member(server)).request('/', { headers: { 'user-agent': 'Googlebot' } })).headers)).toEqual(PRIVATE)
  })

  it('that is cached contains nothing of the session', async () => {
    const { headers, text } = await (await member(server)).request('/cached')
    expect(headers.get('cache-control')).not.toContain('private')
    expect(text).not.toContain('Ada')
  })
})

describe('a streamed page with an idle timeout', () => {
  const server = suiteServer('client-streamed', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000', NUXT_SESSION_CLIENT_KEYS: '[]' })

  it('renews the session before its first byte, even if the browser gets none of it', async () => {
    const ada = await member(server, undefined, { lastSeenAt: Date.now() - 600_000 })
    const page = await openStreamed(server, '/late', ada)
    expect(page.headers.getSetCookie()).toEqual([expect.stringMatching(/^h3=Fe26/)])
    expect(cachingOf(page.headers)).toEqual(['no-store', PRIVATE[1]])
    expect(textOf({ text: await page.end() }, 'late')).toBe('ready {}')
  })
})

/** A page that has sent its first byte, and waits before the rest. */
async function openStreamed(server: Server, path: string, browser: Browser) {
  const name = crypto.randomUUID()
  const { headers, body } = await fetch(`${server.url}${path}?gate=${name}`, { headers: { cookie: browser.cookieHeader } })
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  let begin = ''
  while (!begin.includes('</nav>')) begin += (await reader.read()).value ?? ''
  return {
    headers,
    begin,
    async end() {
      await fetch(`${server.url}/api/open?name=${name}`, { method: 'POST' })
      let text = begin
      for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value
      return text
    },
  }
}

function cachingOf(headers: Headers): (string | null)[] {
  return [headers.get('cache-control'), headers.get('vary')]
}
