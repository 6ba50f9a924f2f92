import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Browser, visit } from './support/browser'
import { buildApp } from './support/build'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()

describe('no visitor\'s session is served to others', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  async function visitor(id: string) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload({ id }), NUXT_SESSION_PASSWORD))
    return browser
  }

  it('a cached handler throws SESSION_CACHED_ROUTE', async () => {
    const answer = await (await visitor('a')).request('/api/cached')
    expect(answer.body).toEqual({ code: 'SESSION_CACHED_ROUTE' })
    expect(answer.setCookies).toEqual([])
  })

  it('a cached handler rejects a session that a middleware used before it', async () => {
    const browser = await visitor('a')
    const answer = await browser.request('/api/cached?after-middleware', { headers: { 'x-touch': '1' } })
    expect(answer.body).toEqual({ code: 'SESSION_CACHED_ROUTE' })
  })

  it('a cached handler that varies by the cookie separates visitors, and caches', async () => {
    const [a, b] = [await visitor('a'), await visitor('b')]
    const first = await a.request('/api/cached-varies')
    expect(first.body.id).toBe('a')
    expect((await b.request('/api/cached-varies')).body.id).toBe('b')
    expect((await a.request('/api/cached-varies')).body).toEqual(first.body)
  })

  it('a session by header is rejected if the handler varies by the cookie only', async () => {
    const token = await sealPayload(payload({ id: 'by-header' }), NUXT_SESSION_PASSWORD)
    const { text } = await visit(server, '/api/cached-varies?by-header', { 'x-h3-session': token })
    expect(text).not.toContain('by-header')
  })

  it.each(['/api/rule-cached', '/api/isr'])('%s answers 500 and logs SESSION_CACHED_ROUTE', async (path) => {
    const before = server.stderr.length
    const answer = await (await visitor('a')).request(path)
    expect(answer.status).toBe(500)
    expect(answer.setCookies).toEqual([])
    expect(answer.text).not.toContain('"a"')
    expect(server.stderr.slice(before)).toContain('SESSION_CACHED_ROUTE')
  })

  it('prerendering reads an empty session and sends nothing', async () => {
    const { outputDir } = await buildApp('main')
    const file = await readFile(join(outputDir, 'public/prerendered/read'), 'utf8')
    expect(JSON.parse(file)).toEqual({ data: {}, isNew: true, cookies: null })
  })

  it('prerendering rejects a write with SESSION_CACHED_ROUTE', async () => {
    const { outputDir } = await buildApp('main')
    const file = await readFile(join(outputDir, 'public/prerendered/write'), 'utf8')
    expect(JSON.parse(file)).toEqual({ code: 'SESSION_CACHED_ROUTE' })
  })

  it('a prerendered route is served without a cookie', async () => {
    const { status, setCookies } = await (await visitor('a')).request('/prerendered/read')
    expect({ status, setCookies }).toEqual({ status: 200, setCookies: [] })
  })
})
