import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, REMOVAL_ATTRIBUTES, visit } from './support/browser'
import { openSeal, sealPayload } from './support/seals'
import { suiteServer, testPassword, testServer } from './support/server'
import { AS_PAGE, expectNothingHidden, member, memberPayload, payloadOf, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const SESSION_COOKIE = { name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }

describe('a page', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })

  it('shows its visitor the clientKeys, in a private response', async () => {
    const ada = await member(server, { public: { name: 'Ada', visits: 3 }, theme: 'dark', other: 'SECRET-of-the-session' })
    const answer = await ada.request('/')
    expect(answer.status).toBe(200)
    expect(textOf(answer, 'header')).toBe('ready {"public":{"name":"Ada","visits":3},"theme":"dark"}')
    expect([textOf(answer, 'seen'), textOf(answer, 'name'), textOf(answer, 'visits')]).toEqual(['Ada', 'Ada', '3'])
    expect(payloadOf(answer)).toContain('"Ada"')
    expect(payloadOf(answer)).not.toContain('secret')
    expectNothingHidden(answer, ada)
    expect(answer.setCookies).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect(answer.headers.get('vary')).toBe('Cookie, x-h3-session')
  })

  it('shows what a route changed before the page first looked', async () => {
    const ada = await member(server, { public: { name: 'Ada', visits: 3 } })
    const answer = await ada.request('/writes-first')
    expect(textOf(answer, 'visits')).toBe('4')
    expect(payloadOf(answer)).not.toContain('latest')
  })

  it('shows a new visitor nothing, creates no session, and is private', async () => {
    const answer = await visit(server, '/')
    expect(textOf(answer, 'header')).toBe('ready {}')
    expect(textOf(answer, 'seen')).toBe('nobody')
    expect(answer.setCookies).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
  })

  it('shows a new visitor a session that began while it was rendered, also one of h3\'s own functions', async () => {
    const answer = await visit(server, '/writes-first')
    expect(textOf(answer, 'visits')).toBe('1')
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const byH3 = await visit(server, '/h3-writes-first')
    expect(textOf(byH3, 'theme')).toBe('by-h3')
    expect(byH3.headers.get('vary')).toBe('Cookie, x-h3-session')
  })

  it('shows a session that came by header', async () => {
    const token = await sealPayload(memberPayload(), NUXT_SESSION_PASSWORD)
    const answer = await visit(server, '/', { 'x-h3-session': token })
    expect(textOf(answer, 'name')).toBe('Ada')
    expect(answer.headers.has('x-h3-session')).toBe(false)
    expectNothingHidden(answer)
  })

  it('shows nested values as in JSON, and escapes them', async () => {
    const evil = JSON.parse('{"name":"</script><script>alert(1)</script>","__proto__":{"polluted":1},"toJSON":"text","constructor":{"prototype":1},"when":"2026-01-01T00:00:00.000Z"}')
    const answer = await (await member(server, { public: evil })).request('/')
    const shown = JSON.parse(textOf(answer, 'header')!.slice('ready '.length))
    expect(shown.public).toEqual({ name: evil.name, toJSON: 'text', when: evil.when, constructor: { prototype: 1 } })
    expect(answer.text).not.toContain('<script>alert')
    expect(answer.text).not.toContain('polluted')
  })

  it('shows no key that only a prototype has', async () => {
    const named = await testServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_CLIENT_KEYS: '["toString","__proto__","constructor","public"]' })
    const answer = await (await member(named)).request('/')
    expect(textOf(answer, 'header')).toBe('ready {"public":{"name":"Ada"}}')
  })

  it('that does not show the session contains none of it, and stays cacheable', async () => {
    const ada = await member(server)
    const answer = await ada.request('/plain')
    expect(textOf(answer, 'plain')).toBe('plain')
    expect(answer.text).not.toContain('Ada')
    expect(payloadOf(answer)).not.toContain('clientSession')
    expectNothingHidden(answer, ada)
    expect([answer.headers.get('cache-control'), answer.headers.get('vary'), answer.setCookies]).toEqual([null, null, []])
  })

  it('is private even if a route rule sets public', async () => {
    const answer = await (await member(server)).request('/public-header')
    expect(textOf(answer, 'body')).toContain('Ada')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
  })

  it('sends what its inner requests wrote, in one cookie with the last state', async () => {
    const ada = await member(server)
    const answer = await ada.request('/writes')
    expect([textOf(answer, 'first'), textOf(answer, 'second'), textOf(answer, 'fetched')])
      .toEqual(['{"visits":1}', '{"visits":2}', '{"visits":2,"isNew":false}'])
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect(await openSeal(answer.setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ data: { public: { name: 'Ada', visits: 2 } } })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expectNothingHidden(answer)
  })

  it('creates one session for a new visitor whose requests write', async () => {
    const browser = new Browser(server)
    const answer = await browser.request('/writes')
    expect(textOf(answer, 'fetched')).toBe('{"visits":2,"isNew":true}')
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect((await browser.request('/api/seen')).body).toEqual({ visits: 2, isNew: false })
  })

  it('keeps its writes if it redirects', async () => {
    const ada = await member(server)
    const answer = await ada.request('/redirects')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/'])
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await ada.request('/api/seen')).body).toEqual({ visits: 1, isNew: false })
  })

  it('can end the session', async () => {
    const ada = await member(server)
    const answer = await ada.request('/clears')
    expect(answer.status).toBe(200)
    expect(answer.setCookies).toEqual([{ name: 'h3', value: '', attributes: REMOVAL_ATTRIBUTES }])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(ada.jar.size).toBe(0)
  })

  it('that is not found shows its visitor the session too', async () => {
    const answer = await (await member(server)).request('/nowhere', { headers: AS_PAGE })
    expect(answer.status).toBe(404)
    expect(textOf(answer, 'error')).toContain('Ada')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
  })
})

describe('a page of an app that creates sessions at first use', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_SAVE_UNINITIALIZED: 'true' })

  it.each(['/', '/plain', '/clears', '/guarded', '/begun'])('%s creates none', async (path) => {
    const { setCookies } = await visit(server, path)
    expect(setCookies.filter(({ value }) => value !== '')).toEqual([])
  })

  it('creates one if its inner request does', async () => {
    expect((await visit(server, '/writes')).setCookies).toEqual([SESSION_COOKIE])
  })
})

describe('one rendering', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, TEST_LOADS: '1' })

  it.each([
    ['/', '1'], ['/writes', '1'], ['/redirects', '1'], ['/plain', '1'], ['/guarded', '1'], ['/clears', '1'], ['/spa', '0'], ['/cached?loads', '0'],
  ])('of %s looks the session up %s times', async (path, loads) => {
    const { headers } = await (await member(server)).request(path, { headers: { 'x-test-visit': path } })
    expect(headers.get('x-test-loads')).toBe(loads)
  })
})

describe('a page with an idle timeout', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000' })
  const idle = () => member(server, undefined, { lastSeenAt: Date.now() - 600_000 })

  it.each(['/', '/plain', '/nowhere'])('%s renews the session in one cookie', async (path) => {
    const { setCookies, headers } = await (await idle()).request(path, { headers: AS_PAGE })
    expect(setCookies).toEqual([{ ...SESSION_COOKIE, attributes: { ...DEFAULT_ATTRIBUTES, Expires: expect.any(String) } }])
    expect(headers.get('cache-control')).toBe('no-store')
    const { lastSeenAt } = await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)
    expect(Date.now() - lastSeenAt!).toBeLessThan(500_000)
  })

  it('that redirects after a write sends the write', async () => {
    const ada = await idle()
    expect((await ada.request('/redirects')).setCookies).toHaveLength(1)
    expect((await ada.request('/api/seen')).body).toEqual({ visits: 1, isNew: false })
  })
})
