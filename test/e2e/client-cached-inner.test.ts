import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Browser, visit } from './support/browser'
import { sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { suiteCache } from './support/shared-cache'
import { member, memberPayload, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()

/** A cached handler that requests a path, with an entry that no other test uses. */
const asks = (path: string, query: Record<string, string> = {}) =>
  `/api/cached-varies-asks?${new URLSearchParams({ path, run: randomUUID(), ...query })}`

const bob = { public: { name: 'Bob', visits: 7 } }

describe.each(['true', 'false'])('an inner request of a handler that is cached by the cookie; saveUninitialized: %s', (NUXT_SESSION_SAVE_UNINITIALIZED) => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_SAVE_UNINITIALIZED })

  it('creates no session for a new visitor on a read', async () => {
    const path = asks('/api/seen')
    const [first, second] = [await visit(server, path), await visit(server, path)]
    expect(first.body.answer).toEqual({ visits: 0, isNew: true })
    expect([first.setCookies, second.setCookies]).toEqual([[], []])
    expect(second.body).toEqual(first.body)
  })

  it('creates none on a write: SESSION_CACHED_ROUTE', async () => {
    const { body, setCookies } = await visit(server, asks('/api/asked'))
    expect([body.answer, setCookies]).toEqual([{ read: 'nobody', written: 'SESSION_CACHED_ROUTE' }, []])
  })

  it('creates none for a visitor whose token is rejected', async () => {
    const { body, setCookies } = await visit(server, asks('/api/asked'), { cookie: 'h3=garbage' })
    expect([body.answer, setCookies]).toEqual([{ read: 'nobody', written: 'SESSION_CACHED_ROUTE' }, []])
  })

  it('reads nothing of the session that a middleware created', async () => {
    const path = asks('/api/seen')
    const first = await visit(server, path, { 'x-test-touch': '1' })
    const second = await visit(server, path)
    expect(first.body.answer).toEqual({ visits: 0, isNew: true })
    expect([second.body, second.setCookies]).toEqual([first.body, []])
  })

  it('sees a member\'s own session, and the entry is kept', async () => {
    const path = asks('/api/seen')
    const members = [await member(server, { public: { visits: 3 } }), await member(server, bob)]
    const first = await members[0]!.request(path)
    expect(first.body.answer).toEqual({ visits: 3, isNew: false })
    expect((await members[1]!.request(path)).body.answer).toEqual({ visits: 7, isNew: false })
    expect((await visit(server, path)).body.answer).toEqual({ visits: 0, isNew: true })
    expect((await members[0]!.request(path)).body).toEqual(first.body)
  })

  it('is private for a member, whenever the entry is served, and does not expose its owner', async () => {
    const path = asks('/api/seen')
    const ada = await member(server)
    for (const time of ['filling', 'hit', 'hit']) {
      const { headers } = await ada.request(path)
      expect([time, headers.get('cache-control')]).toEqual([time, 'private, no-cache'])
      expect(headers.get('vary')?.toLowerCase()).toContain('cookie')
      expect([...headers.keys()].filter(name => name.includes('nuxt-h3-session'))).toEqual([])
    }
  })

  it('varies by the cookie for a new visitor, whenever the entry is served', async () => {
    const path = asks('/api/seen')
    for (const time of ['filling', 'hit', 'hit']) {
      const { headers } = await visit(server, path)
      expect([time, headers.get('vary')?.toLowerCase().includes('cookie')]).toEqual([time, true])
    }
  })

  it('writes a member\'s session: the response is not cacheable', async () => {
    const path = asks('/api/asked')
    const ada = await member(server)
    const before = ada.cookieHeader
    const first = await ada.request(path)
    expect(first.body.answer).toEqual({ read: 'Ada', written: 'written' })
    expect([first.setCookies.length, first.headers.get('cache-control')]).toEqual([1, 'no-store'])
    const second = await visit(server, path, { cookie: before })
    expect(second.setCookies[0]!.value).not.toBe(first.setCookies[0]!.value)
    expect(second.body.at).not.toBe(first.body.at)
  })

  it('is rejected if getKey ignores the cookie', async () => {
    const path = asks('/api/asked', { key: 'constant' })
    const first = await (await member(server)).request(path)
    expect([first.body.answer, first.setCookies]).toEqual([{ read: 'SESSION_CACHED_ROUTE', written: 'SESSION_CACHED_ROUTE' }, []])
    expect((await visit(server, path)).text).not.toContain('Ada')
  })

  it('is rejected for another session than the one in the entry\'s key', async () => {
    const other = await sealPayload(memberPayload(bob), NUXT_SESSION_PASSWORD)
    const { body } = await (await member(server)).request(asks('/api/asked', { cookie: `h3=${other}` }))
    expect(body.answer).toEqual({ read: 'SESSION_CACHED_ROUTE', written: 'SESSION_CACHED_ROUTE' })
  })

  it('can be without a session, also for a member', async () => {
    const { body, setCookies } = await (await member(server)).request(asks('/api/seen', { cookie: '' }))
    expect([body.answer, setCookies]).toEqual([{ visits: 0, isNew: true }, []])
  })

  describe('to another cached handler', () => {
    it('each member gets a separate response, which is private', async () => {
      const path = asks('/api/cached-varies-seen')
      const [ada, other] = [await member(server), await member(server, bob)]
      for (const time of ['filling', 'hit']) {
        const answer = await ada.request(path)
        expect([time, answer.body.answer.name, answer.headers.get('cache-control')]).toEqual([time, 'Ada', 'private, no-cache'])
      }
      expect((await other.request(path)).body.answer.name).toBe('Bob')
      expect((await visit(server, path)).body.answer.name).toBeNull()
    })

    it('whose response was cached before: the outer one\'s key counts', async () => {
      const inner = `/api/cached-varies-seen?${randomUUID()}`
      const ada = await member(server)
      expect((await ada.request(inner)).body.name).toBe('Ada')
      const path = asks(inner, { key: 'constant' })
      expect((await ada.request(path)).text).not.toContain('"Ada"')
      expect((await visit(server, path)).text).not.toContain('"Ada"')
    })

    it('that does not vary is rejected', async () => {
      expect((await (await member(server)).request(asks('/api/cached-seen'))).body.answer).toEqual({ code: 'SESSION_CACHED_ROUTE' })
    })
  })

  it('an ordinary route that requests a cached one is private, whenever that entry is served', async () => {
    const path = `/api/asks?path=${encodeURIComponent(`/api/cached-varies-seen?${randomUUID()}`)}`
    const ada = await member(server)
    for (const time of ['filling', 'hit', 'hit']) {
      const { headers, body } = await ada.request(path)
      expect([time, body.name, headers.get('cache-control')]).toEqual([time, 'Ada', 'private, no-cache'])
      expect(headers.get('vary')).toContain('Cookie')
    }
  })

  describe('while a page is rendered', () => {
    it('sends its payload only to its visitor', async () => {
      const ada = await member(server)
      expect((await ada.request('/cached-varies-asks')).text).toContain('Ada')
      for (const other of [await member(server, bob), undefined]) {
        const path = '/cached-varies-asks/_payload.json'
        expect((await (other?.request(path) ?? visit(server, path))).text).not.toContain('Ada')
      }
    })

    it('creates no session for new visitors, who share one page', async () => {
      const path = `/cached-varies-asks?${randomUUID()}`
      const [first, second] = [await visit(server, path), await visit(server, path)]
      expect(textOf(first, 'cached-varies-asks')).toBe('{"visits":0,"isNew":true}')
      expect([first.setCookies, second.setCookies]).toEqual([[], []])
      expect(second.text).toBe(first.text)
    })

    it('sees a member\'s own session', async () => {
      const path = `/cached-varies-asks?${randomUUID()}`
      const ada = await member(server, { public: { visits: 3 } })
      const first = await ada.request(path)
      expect(textOf(first, 'cached-varies-asks')).toBe('{"visits":3,"isNew":false}')
      expect(textOf(await (await member(server, bob)).request(path), 'cached-varies-asks')).toBe('{"visits":7,"isNew":false}')
      const again = await ada.request(path)
      expect([again.text, again.headers.get('cache-control')]).toEqual([first.text, 'private, no-cache'])
    })
  })
})

describe('behind a shared cache', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_SAVE_UNINITIALIZED: 'true' })
  const cache = suiteCache(server)

  it.each([
    asks('/api/seen'), asks('/api/asked'), asks('/api/cached-varies-seen'), '/cached-varies', '/cached-varies-asks',
    '/api/cached-varies-seen', `/api/asks?path=${encodeURIComponent('/api/cached-varies-seen')}`, '/', '/api/seen',
  ])('%s: visitors never share a session, nor see another\'s', async (path) => {
    const strangers = [new Browser(cache), new Browser(cache)]
    for (const browser of strangers) await browser.request(path)
    const members = [await member(server), await member(server, bob)]
    // Fills the server's cache, but not the cache in front of it.
    for (const browser of members) await visit(server, path, { cookie: browser.cookieHeader })
    for (const browser of members) browser.server = cache
    for (const _round of [1, 2]) {
      for (const browser of [...members, ...strangers]) {
        const { text } = await browser.request(path)
        const isSeen = ['Ada', 'Bob', '"visits":7'].map(word => text.includes(word))
        expect([browser !== members[0] && isSeen[0], browser !== members[1] && (isSeen[1] || isSeen[2])]).toEqual([false, false])
      }
    }
    const tokens = [...members, ...strangers].map(({ jar }) => jar.get('h3')).filter(token => token !== undefined)
    expect(new Set(tokens).size).toBe(tokens.length)
  })
})

describe('a renewal that is due below a cached handler', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000' })

  it.each([asks('/api/seen'), '/cached-varies-asks'])('%s: is sent to its visitor in a response that is not cached', async (path) => {
    const ada = await member(server, undefined, { lastSeenAt: Date.now() - 600_000 })
    const old = ada.cookieHeader
    const first = await ada.request(path)
    expect([first.setCookies.length, first.headers.get('cache-control')]).toEqual([1, 'no-store'])
    const second = await visit(server, path, { cookie: old })
    expect(second.setCookies[0]?.value).not.toBe(first.setCookies[0]!.value)
  })
})
