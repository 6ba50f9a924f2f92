import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { buildApp } from './support/build'
import { sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { AS_PAGE, expectNothingHidden, member, memberPayload, payloadOf, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const CACHED_PAGES = ['/cached', '/isr', '/prerendered', '/spa', '/cached-guarded']

describe('a cached page', () => {
  // A renewal is due too, the worst case for the member who fills the cache.
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000' })
  const first = () => member(server, undefined, { lastSeenAt: Date.now() - 600_000 })

  it.each(CACHED_PAGES)('%s contains nothing of the member who fills the cache, and sends no cookie', async (path) => {
    const ada = await first()
    const filling = await ada.request(path)
    expect(filling.status).toBe(200)
    expect(filling.text).not.toContain('Ada')
    expect(payloadOf(filling)).not.toContain('clientSession')
    expect(filling.setCookies).toEqual([])
    expectNothingHidden(filling, ada)
    const after = await visit(server, path)
    expect([after.text, after.setCookies]).toEqual([filling.text, []])
  })

  it.each(CACHED_PAGES.slice(0, 3))('the payload of %s contains nothing of the member either', async (path) => {
    const ada = await first()
    const filling = await ada.request(`${path}/_payload.json`)
    expect(filling.status).toBe(200)
    expect(filling.headers.get('content-type')).toContain('application/json')
    expect(filling.text).not.toContain('Ada')
    expect(filling.text).not.toContain('clientSession')
    expect(filling.setCookies).toEqual([])
    expectNothingHidden(filling, ada)
    expect((await visit(server, `${path}/_payload.json`)).text).toBe(filling.text)
  })

  it.each(['/cached', '/isr'])('%s has an unknown session', async (path) => {
    expect(textOf(await (await first()).request(`${path}?unknown`), 'body')).toBe('unknown {}')
  })

  it('has an unknown session even if a middleware has used the session before', async () => {
    const answer = await (await first()).request('/cached?touched', { headers: { 'x-test-touch': '1' } })
    expect(textOf(answer, 'body')).toBe('unknown {}')
    const after = await visit(server, '/cached?touched')
    expect([textOf(after, 'body'), after.setCookies]).toEqual(['unknown {}', []])
  })

  it('contains nothing of a session that came by header', async () => {
    const token = await sealPayload(memberPayload(undefined, { lastSeenAt: Date.now() }), NUXT_SESSION_PASSWORD)
    const answer = await visit(server, '/cached?by-header', { 'x-h3-session': token })
    expect(answer.text).not.toContain('Ada')
    expect(answer.headers.has('x-h3-session')).toBe(false)
  })

  it.each(['HEAD', 'POST'])('first requested by %s has no session', async (method) => {
    await (await first()).request(`/cached?by-${method}`, { method })
    const after = await visit(server, `/cached?by-${method}`)
    expect(after.text).not.toContain('Ada')
    expect(after.setCookies).toEqual([])
  })

  it('for a range request is not cached, and private if it shows the session', async () => {
    const answer = await (await first()).request('/cached?range', { headers: { range: 'bytes=0-' } })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await visit(server, '/cached?range')).text).not.toContain('Ada')
  })

  it('cannot end the session of the member who fills the cache', async () => {
    const ada = await first()
    const before = server.stderr.length
    const answer = await ada.request('/cached-clears', { headers: AS_PAGE })
    expect(answer.status).toBe(500)
    expect(textOf(answer, 'error')).toBe('unknown {}')
    expect(answer.setCookies).toEqual([])
    expect(server.stderr.slice(before)).toContain('SESSION_CACHED_ROUTE')
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada' } })
  })

  it('that was prerendered contains nothing', async () => {
    const { outputDir } = await buildApp('client')
    const html = await readFile(join(outputDir, 'public/prerendered/index.html'), 'utf8')
    expect(html).toContain('unknown {}')
    expect(payloadOf({ text: html })).not.toContain('clientSession')
  })
})

describe('a cached page that varies by the cookie and the session header', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })

  it('is separate for each visitor, and caches', async () => {
    const [ada, bob] = [await member(server), await member(server, { public: { name: 'Bob' } })]
    const first = await ada.request('/cached-varies')
    expect(textOf(first, 'body')).toBe('ready {"public":{"name":"Ada"}}')
    expect(textOf(await bob.request('/cached-varies'), 'body')).toBe('ready {"public":{"name":"Bob"}}')
    expect(textOf(await visit(server, '/cached-varies'), 'body')).toBe('ready {}')
    const again = await ada.request('/cached-varies')
    expect([again.text, again.headers.get('etag')]).toEqual([first.text, first.headers.get('etag')])
    const { status } = await ada.request('/cached-varies', { headers: { 'if-none-match': first.headers.get('etag')! } })
    expect(status).toBe(304)
    expectNothingHidden(again, ada)
  })

  it('sends Vary to the caches in front of the server', async () => {
    const { headers } = await (await member(server)).request('/cached-varies?vary')
    expect(headers.get('vary')?.toLowerCase()).toBe('cookie, x-h3-session')
  })

  it('shows a session that came by header only to its sender', async () => {
    const token = await sealPayload(memberPayload(), NUXT_SESSION_PASSWORD)
    expect(textOf(await visit(server, '/cached-varies?header', { 'x-h3-session': token }), 'body')).toContain('Ada')
    expect(textOf(await visit(server, '/cached-varies?header'), 'body')).toBe('ready {}')
  })
})

describe('a renewal on a cached page that varies', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000' })

  it('is sent to its visitor once, and not cached', async () => {
    const ada = await member(server, undefined, { lastSeenAt: Date.now() - 600_000 })
    const old = ada.cookieHeader
    const renewing = await ada.request('/cached-varies')
    expect(renewing.setCookies).toHaveLength(1)
    expect(renewing.headers.get('cache-control')).toBe('no-store')
    const again = await visit(server, '/cached-varies', { cookie: old })
    expect(again.setCookies[0]?.value).not.toBe(renewing.setCookies[0]!.value)
  })
})

describe('a route that uses the session, requested by a cached one', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })
  const refused = { read: 'SESSION_CACHED_ROUTE', written: 'SESSION_CACHED_ROUTE' }

  it.each(['member', 'new visitor', 'member by header'])('is rejected for a %s', async (who) => {
    const path = `/api/cached-asks?${encodeURIComponent(who)}`
    const ada = await member(server)
    const headers: Record<string, string> = who === 'member by header' ? { 'x-h3-session': ada.jar.get('h3')! } : {}
    const answer = who === 'member' ? await ada.request(path) : await visit(server, path, headers)
    expect(answer.body).toEqual(refused)
    expect(answer.setCookies).toEqual([])
  })

  it.each(['member', 'new visitor'])('is rejected while a cached page is rendered for a %s', async (who) => {
    const path = `/cached-asks?${encodeURIComponent(who)}`
    const answer = who === 'member' ? await (await member(server)).request(path) : await visit(server, path)
    expect(textOf(answer, 'cached-asks')).toMatch(/500$/)
    expect(answer.setCookies).toEqual([])
  })

  it('is rejected if it is cached itself', async () => {
    const { body, setCookies } = await (await member(server)).request('/api/inner?kind=cached')
    expect([body, setCookies]).toEqual([{ code: 'SESSION_CACHED_ROUTE' }, []])
  })
})
