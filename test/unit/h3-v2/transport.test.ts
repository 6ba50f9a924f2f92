import { mockEvent } from 'h3-next'
import { describe, expect, it } from 'vitest'
import { NextTransport, nextOuterEvent } from '../../../src/runtime/adapters/h3-v2/transport'
import type { CacheRule, NextEvent } from '../../../src/runtime/adapters/h3-v2/event'
import { applyAnswer, CACHE_RULE, exchangeOf } from '../../../src/runtime/adapters/h3-v2/event'

type Headers_ = Record<string, string>

function nextEvent(headers: Headers_ = {}, url = 'http://localhost/'): NextEvent {
  const event = mockEvent(url, { headers }) as unknown as NextEvent
  exchangeOf(event)
  return event
}

const transport = (event: NextEvent = nextEvent()) => new NextTransport(event as never, false)
const socket = (headers: Headers_ = {}) => ({ headers: new Headers(headers), context: {} })
const VARY = ['Cookie', 'x-h3-session']

/** Changes the request of an event like a cached handler. */
function narrow(event: NextEvent, kept: string[]): NextEvent {
  const headers = Object.fromEntries([...event.req.headers].filter(([name]) => kept.includes(name)))
  Object.assign(event, { req: new Request(event.req.url, { headers }) })
  return event
}

describe('a request', () => {
  it('is read from an event, a peer and an upgrade request alike', () => {
    const headers = { 'cookie': 'a=1; b=%20', 'x-h3-session': 'token' }
    for (const event of [nextEvent(headers), socket(headers), { request: socket(headers), context: {} }]) {
      const of = new NextTransport(event as never, false)
      expect({ ...of.requestCookies() }).toEqual({ a: '1', b: ' ' })
      expect(of.requestHeader('x-h3-session')).toBe('token')
      expect(of.requestHeader('x-other')).toBeUndefined()
    }
  })

  it.each<[headers: Headers_, url: string, isSecure: boolean]>([
    [{}, 'http://localhost/', false], [{}, 'https://localhost/', true],
    [{ 'x-forwarded-proto': 'https, http' }, 'http://localhost/', true], [{ 'x-forwarded-proto': 'http' }, 'https://localhost/', false],
  ])('with %j at %s is secure: %s', (headers, url, isSecure) => {
    expect(transport(nextEvent(headers, url)).isSecure()).toBe(isSecure)
  })

  it('of an event with a copied context is an inner request with its own sessions', () => {
    const outer = nextEvent()
    const of = transport(outer)
    of.sessions.h3 = { id: 'outer', createdAt: 0, data: {} }
    const inner = nextEvent()
    Object.assign(inner, { context: { ...outer.context } })
    expect(nextOuterEvent(inner as never)).toBe(outer)
    expect(nextOuterEvent(outer as never)).toBeUndefined()
    expect(transport(inner).states).not.toBe(of.states)
    expect(transport(inner).sessions.h3).toBeUndefined()
  })

  it('is the same for all events that share its context', () => {
    const outer = nextEvent()
    const rendered = nextEvent()
    Object.assign(rendered, { context: outer.context })
    expect(transport(rendered).answered).toBe(outer)
    expect(transport(rendered).states).toBe(transport(outer).states)
  })
})

describe('a cached handler', () => {
  const headers = { 'cookie': 'theme=dark; h3=1', 'accept': '*/*', 'x-h3-session': 'token' }
  const OTHERS = { 'cookie': 'theme=dark; h3=2', 'x-h3-session': 'other' }

  /** Whether the caches that store the response serve it to a visitor with another header. */
  async function isShared(of: NextTransport, header: keyof typeof OTHERS = 'cookie'): Promise<boolean> {
    const answers = await Promise.all(of.caches().map(cache => cache.isSameEntry(header, OTHERS[header])))
    return answers.includes(true)
  }

  it.each<[what: string, rule: CacheRule | false, isShared: boolean]>([
    ['none', false, false], ['nothing', {}, true], ['another header', { varies: ['accept'] }, true], ['the cookie', { varies: ['Cookie'] }, false],
    ['its name', { allowCookies: ['h3'] }, false], ['another cookie\'s name', { allowCookies: ['theme'] }, true],
    ['another cookie\'s name, in place of the header', { varies: ['cookie'], allowCookies: ['theme'] }, true],
    ['headers only', { headersOnly: true }, false],
    ['a key of the path', { varies: ['cookie'], getKey: event => event.url.pathname }, true],
    ['a key of the path, beside its name', { allowCookies: ['h3'], getKey: async () => 'constant' }, true],
    ['a key of the cookie', { varies: ['cookie'], getKey: event => event.req.headers.get('cookie') }, false],
    ['a key that throws', { varies: ['cookie'], getKey: () => { throw new Error('for the test') } }, true],
    ['a getKey without a result', { varies: ['cookie'], getKey: () => undefined }, false],
    ['a key of a session that was found', { varies: ['cookie'], getKey: event => (event.context.sessions as { h3?: { id: string } }).h3?.id }, true],
  ])('by a rule of %s shares its response: %j %s', async (_what, cache, shared) => {
    const event = nextEvent(headers)
    event.context.routeRules = { cache }
    event.context.sessions = { h3: { id: 'a' } }
    expect(await isShared(transport(event))).toBe(shared)
  })

  it('is checked with copies, so its key function cannot change the request', async () => {
    const event = nextEvent(headers)
    event.context.routeRules = {
      cache: {
        varies: ['cookie'],
        getKey: (asked) => {
          asked.res.headers.set('set-cookie', 'by=getKey')
          asked.req.headers.delete('cookie')
          asked.context.asked = true
          return asked.context.routeRules === undefined
        },
      },
    }
    await isShared(transport(event))
    expect([event.res.headers.has('set-cookie'), event.req.headers.get('cookie'), event.context.asked]).toEqual([false, headers.cookie, undefined])
  })

  it.each<[kept: string[], byCookie: boolean, byHeader: boolean]>([
    [[], true, true], [['cookie'], false, true], [['x-h3-session'], true, false],
  ])('is recognized by the headers that it removed; with %j kept it shares', async (kept, byCookie, byHeader) => {
    const event = narrow(nextEvent(headers), kept)
    event.req[CACHE_RULE] = { varies: kept }
    const of = transport(event)
    expect([await isShared(of), await isShared(of, 'x-h3-session')]).toEqual([byCookie, byHeader])
  })

  it('is recognized by its request if no header can be removed', () => {
    const event = nextEvent({})
    expect(transport(event).caches()).toEqual([])
    Object.assign(event, { req: Object.assign(new Request(event.req.url), { runtime: {} }) })
    expect(transport(event).caches()).toHaveLength(1)
  })

  it.each<[key: (cookie: string | null) => string, shared: boolean]>([[() => 'constant', true], [cookie => `${cookie}`, false]])('that is the route\'s handler itself is checked: %s', async (key, shared) => {
    const event = narrow(nextEvent(headers), ['cookie'])
    event.context.matchedRoute = { handler: { resolveKeys: async (asked: NextEvent) => [key(asked.req.headers.get('cookie'))] } }
    expect(await isShared(transport(event))).toBe(shared)
  })

  it.each([[{}, true], [{ varies: ['cookie'] }, false]])('by the rule %j shares responses of inner requests: %s', async (cache, shared) => {
    const outer = nextEvent(headers)
    outer.context.routeRules = { cache }
    const inner = nextEvent({ cookie: 'h3=other' })
    Object.assign(inner, { context: { ...outer.context, routeRules: {} } })
    expect(await isShared(transport(inner))).toBe(shared)
  })

  it('names the owner of the session in its entry, even if another response took that header', () => {
    const event = narrow(nextEvent(headers), ['cookie'])
    const [cache] = transport(event).caches()
    cache!.addOwner({ header: 'cookie', name: 'h3', hash: 'aa', isPrivate: false })
    for (const time of ['before', 'after']) {
      expect([time, event.res.headers.get('x-nuxt-h3-session-owners')]).toEqual([time, 'cookie h3 aa'])
      // Like h3 when it creates the event's response.
      Object.assign(event, { [Symbol.for('h3.internal.event.res')]: undefined })
    }
  })

  it('whose key cannot be checked counts as shared', async () => {
    expect(await isShared(transport(narrow(nextEvent(headers), ['cookie'])))).toBe(true)
    expect(await isShared(transport(narrow(nextEvent({ accept: '*/*' }), [])))).toBe(true)
  })

  it.each([[{ varies: ['cookie'] }, false], [{ varies: ['cookie'], getKey: () => 'constant' }, true]])('of Nitro is checked by its options: %j', async (options, shared) => {
    const event = narrow(nextEvent(headers), ['cookie'])
    event.req[CACHE_RULE] = options
    expect(await isShared(transport(event))).toBe(shared)
  })

  it('is not detected if the app limits a body', () => {
    const event = nextEvent(headers)
    Object.assign(event, { req: new Request(event.req.url, { headers: event.req.headers }) })
    expect(transport(event).caches()).toEqual([])
  })

  it('with an isr rule shares whatever it varies by', async () => {
    const event = nextEvent(headers)
    event.context.routeRules = { isr: 60 }
    expect(await isShared(transport(event))).toBe(true)
  })
})

describe('a response', () => {
  it('keeps the app\'s Set-Cookie lines, and sends ours at an error too', () => {
    const event = nextEvent()
    const of = transport(event)
    event.res.headers.append('set-cookie', 'app=1')
    event.res.errHeaders.append('set-cookie', 'error=1')
    of.replaceSetCookies(['app=1', 'h3=a'])
    of.replaceSetCookies(['app=1', 'h3=b'])
    expect(event.res.headers.getSetCookie()).toEqual(['app=1', 'h3=b'])
    expect(event.res.errHeaders.getSetCookie()).toEqual(['error=1', 'h3=b'])
    of.replaceSetCookies(['app=1'])
    expect(event.res.errHeaders.getSetCookie()).toEqual(['error=1'])
  })

  it('keeps our lines if h3 has dropped the staged ones', () => {
    const event = nextEvent()
    const of = transport(event)
    of.replaceSetCookies(['h3=a'])
    event.res.headers.delete('set-cookie')
    expect(of.setCookies()).toEqual(['h3=a'])
    event.res.headers.append('set-cookie', 'h3=; Max-Age=0')
    expect(of.setCookies()).toEqual(['h3=; Max-Age=0'])
  })

  it('rejects writes on a socket, after the headers and while prerendering', () => {
    const event = nextEvent()
    expect(transport(event).writeRefusal()).toBeUndefined()
    exchangeOf(event).isSent = true
    expect(transport(event).writeRefusal()).toBe('headers-sent')
    expect(new NextTransport(socket(), false).writeRefusal()).toBe('readonly')
    expect(new NextTransport(nextEvent() as never, true).writeRefusal()).toBe('prerender')
  })

  it.each<[before: Headers_, read: Headers_, written: string]>([
    [{}, { 'vary': 'Cookie, x-h3-session', 'cache-control': 'private, no-cache' }, 'no-store'],
    [{ vary: 'Accept' }, { 'vary': 'Accept, Cookie, x-h3-session', 'cache-control': 'private, no-cache' }, 'no-store'],
    [{ vary: '*' }, { vary: '*' }, 'no-store'],
    [{ 'cache-control': 'public, max-age=60' }, { 'cache-control': 'private, no-cache' }, 'no-store'],
    [{ 'cache-control': 'private, max-age=60' }, { 'cache-control': 'private, max-age=60' }, 'no-store'],
    [{ 'cache-control': 'no-store, max-age=0' }, { 'cache-control': 'no-store, max-age=0' }, 'no-store, max-age=0'],
  ])('with %j is private when read and not stored when written', (before, read, written) => {
    const event = nextEvent()
    const of = transport(event)
    const response = new Response('', { headers: before })
    of.markPrivate(VARY)
    applyAnswer(response, exchangeOf(event).answer)
    expect(Object.fromEntries(response.headers)).toMatchObject(read)
    of.markUncacheable()
    applyAnswer(response, exchangeOf(event).answer)
    expect(response.headers.get('cache-control')).toBe(written)
  })

  it('clears the browser\'s cache, beside what the app clears', () => {
    const event = nextEvent()
    transport(event).clearBrowserCache()
    for (const [before, line] of [[{}, '"cache"'], [{ 'clear-site-data': '"storage"' }, '"storage", "cache"']] as const) {
      const response = new Response('', { headers: before })
      applyAnswer(response, exchangeOf(event).answer)
      expect(response.headers.get('clear-site-data')).toBe(line)
    }
  })

  it('of a socket is not changed', () => {
    expect(() => new NextTransport(socket(), false).markPrivate(['Cookie'])).not.toThrow()
  })
})
