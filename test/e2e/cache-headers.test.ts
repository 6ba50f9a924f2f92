import { describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { suiteServer, testPassword } from './support/server'
import { member } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const KINDS: [kind: string, status: number][] = [
  ['text', 200], ['redirect', 302], ['throw', 418], ['missing', 404], ['stream', 200], ['web', 200], ['handle', 200],
  ['writeHead', 200], ['writeHead-message', 200], ['writeHead-list', 200], ['writeHead-pairs', 200], ['writeHead-undefined', 200],
  ['flush', 200], ['noContent', 204],
]
const query = (params: Record<string, string>) => `/api/cache-headers?${new URLSearchParams(params)}`

describe('the cache headers of a response that used the session', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })

  it.each(KINDS)('%s: private if it was read', async (kind, status) => {
    const answer = await (await member(server)).request(query({ kind }))
    expect(answer.status).toBe(status)
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect(answer.headers.get('vary')).toBe(kind.startsWith('writeHead') ? 'Accept, Cookie, x-h3-session' : 'Cookie, x-h3-session')
    expect(answer.setCookies).toEqual([])
  })

  it.each(KINDS)('%s: not stored if the session\'s cookie is sent', async (kind, status) => {
    const answer = await (await member(server)).request(query({ kind, write: 'dark' }))
    expect(answer.status).toBe(status)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.setCookies).toHaveLength(1)
  })

  it.each(KINDS)('%s: the same for a new visitor', async (kind) => {
    const { headers, setCookies } = await visit(server, query({ kind }))
    expect([headers.get('cache-control'), setCookies]).toEqual(['private, no-cache', []])
  })

  it('304: the same headers as the cached response', async () => {
    const ada = await member(server)
    const { status, headers } = await ada.request(query({ kind: 'handle', control: 'x' }), { headers: { 'if-none-match': '"e"' } })
    expect([status, headers.get('cache-control'), headers.get('vary')]).toEqual([304, 'private, no-cache', 'Cookie, x-h3-session'])
  })

  it('keeps all lines of a list of headers', async () => {
    const { headers } = await (await member(server)).request(query({ kind: 'writeHead-list' }))
    expect(headers.get('x-twice')).toBe('one, two')
  })

  it.each<[control: string, read: string, written: string]>([
    ['no-store', 'no-store', 'no-store'],
    ['private, no-store, max-age=0', 'private, no-store, max-age=0', 'private, no-store, max-age=0'],
    ['No-Store', 'No-Store', 'No-Store'],
    ['private', 'private', 'no-store'],
    ['private, max-age=60', 'private, max-age=60', 'no-store'],
    ['max-age=60, private', 'max-age=60, private', 'no-store'],
    ['no-cache', 'private, no-cache', 'no-store'],
    ['public, max-age=60', 'private, no-cache', 'no-store'],
    ['s-maxage=60', 'private, no-cache', 'no-store'],
    // These restrict a field, or nothing at all.
    ['private="x-user", max-age=60', 'private, no-cache', 'no-store'],
    ['public, max-age=60, x-private', 'private, no-cache', 'no-store'],
    ['public, max-age=60, not-no-store', 'private, no-cache', 'no-store'],
    ['public, ext="private, no-store"', 'private, no-cache', 'no-store'],
  ])('the app\'s "%s" becomes "%s", and "%s" with the cookie', async (control, read, written) => {
    const ada = await member(server)
    expect((await ada.request(query({ control }))).headers.get('cache-control')).toBe(read)
    expect((await ada.request(query({ control, write: 'dark' }))).headers.get('cache-control')).toBe(written)
  })

  it.each<[vary: string, expected: string]>([
    ['Accept', 'Accept, Cookie, x-h3-session'],
    ['accept, COOKIE', 'accept, COOKIE, x-h3-session'],
    ['Cookie,X-H3-Session', 'Cookie,X-H3-Session'],
    ['x-cookie', 'x-cookie, Cookie, x-h3-session'],
    ['*', '*'],
  ])('the app\'s Vary "%s" becomes "%s"', async (vary, expected) => {
    expect((await (await member(server)).request(query({ vary }))).headers.get('vary')).toBe(expected)
  })

  it.each(['/plain', '/api/stored', '/api/inner?kind=nothing'])('%s does not use the session and sets no cache headers', async (path) => {
    const { headers } = await (await member(server)).request(path)
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual([null, null])
  })

  it('a request to the app itself that used the session counts for the outer response', async () => {
    const { headers } = await (await member(server)).request('/api/inner?kind=required')
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['private, no-cache', 'Cookie, x-h3-session'])
  })

  it('a middleware that used it counts, too', async () => {
    const { headers } = await (await member(server)).request('/plain', { headers: { 'x-test-touch': '1' } })
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['private, no-cache', 'Cookie, x-h3-session'])
  })
})

describe('cacheHeaders: false', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CACHE_HEADERS: 'false' })

  it.each(['text', 'redirect', 'web', 'writeHead', 'noContent'])('%s: sets none, and keeps those of the app', async (kind) => {
    const theirs = ['web', 'writeHead'].includes(kind) ? 'public, max-age=60' : null
    const ada = await member(server)
    for (const write of ['', 'dark']) {
      const { headers, setCookies } = await ada.request(query({ kind, ...write && { write } }))
      expect([headers.get('cache-control'), headers.get('vary')]).toEqual([theirs, kind === 'writeHead' ? 'Accept' : null])
      expect(setCookies).toHaveLength(write ? 1 : 0)
    }
  })

  it('the endpoint is still not cacheable', async () => {
    expect((await (await member(server)).request('/api/_session')).headers.get('cache-control')).toBe('no-store')
  })
})

describe('a session without a header', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_SESSION_HEADER: 'false' })

  it('varies only by the cookie', async () => {
    expect((await (await member(server)).request(query({}))).headers.get('vary')).toBe('Cookie')
  })
})
