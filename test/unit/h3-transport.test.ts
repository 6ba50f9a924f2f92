import { describe, expect, it } from 'vitest'
import { H3Transport } from '../../src/runtime/adapters/h3-v1/transport'
import { hasResponse } from '../../src/runtime/adapters/shared/event'
import { isSameOrigin } from '../../src/runtime/adapters/shared/origin'
import { isPrefetch } from '../../src/runtime/core/session/prefetch'
import { h3Event, setCookiesOf } from './support/h3'

const transport = (headers: Record<string, string> = {}, event = h3Event(headers)) =>
  new H3Transport(event, { isPrerendering: false, isIncremental: false })
const response = (of: H3Transport) => (hasResponse(of.event) ? of.event.node.res : undefined)!
const socket = (headers: Record<string, string>) => ({ headers: new Headers(headers), context: {} })

describe('a request', () => {
  it('is read from a node event, a peer and an upgrade request alike', () => {
    const headers = { 'cookie': 'a=1; b=%20', 'x-h3-session': 'token' }
    for (const event of [h3Event(headers), socket(headers), { request: socket(headers), context: {} }]) {
      const of = new H3Transport(event, { isPrerendering: false, isIncremental: false })
      expect({ ...of.requestCookies() }).toEqual({ a: '1', b: ' ' })
      expect(of.requestHeader('x-h3-session')).toBe('token')
      expect(of.requestHeader('x-other')).toBeUndefined()
    }
  })

  it('has no sessions at first, and those that are added afterwards', () => {
    for (const name of ['h3', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      for (const of of [transport().states, transport().sessions] as Record<string, unknown>[]) {
        expect(of[name]).toBeUndefined()
        of[name] = name
        expect([of[name], Object.keys(of)]).toEqual([name, [name]])
      }
    }
  })

  it.each<[headers: Record<string, string>, isSecure: boolean]>([
    [{}, false], [{ 'x-forwarded-proto': 'https' }, true], [{ 'x-forwarded-proto': 'https, http' }, true], [{ 'x-forwarded-proto': 'http' }, false],
  ])('with %j is secure: %s', (headers, isSecure) => {
    expect(transport(headers).isSecure()).toBe(isSecure)
  })

  it.each<[headers: Record<string, string>, is: boolean]>([
    [{}, false], [{ 'sec-purpose': 'prefetch' }, true], [{ 'sec-purpose': 'prefetch;prerender' }, true], [{ purpose: 'prefetch' }, true], [{ purpose: 'Prefetch' }, true], [{ 'sec-purpose': 'PREFETCH; prerender' }, true], [{ 'x-moz': 'prefetch' }, true], [{ purpose: 'prefetched' }, false], [{ 'sec-purpose': 'none' }, false],
  ])('with %j is a prefetch: %s', (headers, is) => {
    expect(isPrefetch(transport(headers))).toBe(is)
  })

  it('is answered by its own event, also if a cached handler runs with another one', () => {
    const incoming = transport()
    expect(incoming.answered).toBe(incoming.event)
    expect(new H3Transport(h3Event(), { isPrerendering: false, isIncremental: false, incoming }).answered).toBe(incoming.event)
  })

  it('of an ordinary route is in no cache', () => {
    expect(transport().caches()).toEqual([])
  })
})

describe('a response', () => {
  it('keeps the app\'s Set-Cookie lines', () => {
    const of = transport()
    expect(of.setCookies()).toEqual([])
    of.replaceSetCookies(['a=1', 'b=2'])
    expect([of.setCookies(), setCookiesOf(of.event as never)]).toEqual([['a=1', 'b=2'], ['a=1', 'b=2']])
    of.replaceSetCookies([])
    expect(response(of).hasHeader('set-cookie')).toBe(false)
  })

  it('rejects writes on a socket, after the headers and while prerendering', () => {
    const of = transport()
    expect(of.writeRefusal()).toBeUndefined()
    response(of).flushHeaders()
    expect(of.writeRefusal()).toBe('headers-sent')
    expect(new H3Transport(socket({}), { isPrerendering: false, isIncremental: false }).writeRefusal()).toBe('readonly')
    expect(new H3Transport(h3Event(), { isPrerendering: true, isIncremental: false }).writeRefusal()).toBe('prerender')
  })

  it.each<[before: Record<string, string>, read: Record<string, string>, written: string]>([
    [{}, { 'vary': 'Cookie, x-h3-session', 'cache-control': 'private, no-cache' }, 'no-store'],
    [{ vary: 'Accept' }, { 'vary': 'Accept, Cookie, x-h3-session', 'cache-control': 'private, no-cache' }, 'no-store'],
    [{ vary: 'cookie' }, { vary: 'cookie, x-h3-session' }, 'no-store'],
    [{ vary: '*' }, { vary: '*' }, 'no-store'],
    [{ 'cache-control': 'public, max-age=60' }, { 'cache-control': 'private, no-cache' }, 'no-store'],
    [{ 'cache-control': 'private, max-age=60' }, { 'cache-control': 'private, max-age=60' }, 'no-store'],
    [{ 'cache-control': 'no-store, max-age=0' }, { 'cache-control': 'no-store, max-age=0' }, 'no-store, max-age=0'],
  ])('with %j is private when read and not stored when written', (before, read, written) => {
    const of = transport()
    for (const name in before) response(of).setHeader(name, before[name]!)
    of.markPrivate(['Cookie', 'x-h3-session'])
    expect(response(of).getHeaders()).toMatchObject(read)
    of.markUncacheable()
    expect(response(of).getHeader('cache-control')).toBe(written)
  })

  it('clears the browser\'s cache, whatever the app sets afterwards', () => {
    const of = transport()
    of.clearBrowserCache()
    expect(response(of).getHeader('clear-site-data')).toBe('"cache"')
    response(of).setHeader('clear-site-data', '"storage"')
    response(of).writeHead(302, { location: '/' })
    expect(response(of).getHeader('clear-site-data')).toBe('"storage", "cache"')
  })

  it('of a socket is not changed', () => {
    expect(() => new H3Transport(socket({}), { isPrerendering: false, isIncremental: false }).markPrivate(['Cookie'])).not.toThrow()
  })
})

it.each<[headers: Record<string, string>, method: string, isSame: boolean]>([
  [{}, 'GET', true], [{}, 'HEAD', true], [{}, 'POST', false], [{}, 'DELETE', false],
  [{ 'sec-fetch-site': 'same-origin' }, 'POST', true], [{ 'sec-fetch-site': 'none' }, 'GET', true],
  [{ 'sec-fetch-site': 'same-site' }, 'GET', false], [{ 'sec-fetch-site': 'cross-site' }, 'POST', false],
  [{ 'sec-fetch-site': 'cross-site', 'origin': 'https://a.example', 'host': 'a.example' }, 'POST', false],
  [{ origin: 'https://a.example', host: 'a.example' }, 'POST', true], [{ origin: 'https://b.example', host: 'a.example' }, 'GET', false],
  [{ origin: 'https://a.example:8443', host: 'a.example' }, 'POST', false], [{ origin: 'null', host: 'a.example' }, 'POST', false],
  [{ 'origin': 'https://a.example', 'host': 'inner', 'x-forwarded-host': 'a.example, inner' }, 'POST', true],
  [{ origin: 'nonsense', host: 'nonsense' }, 'POST', false],
  [{ origin: 'https://a.example', host: 'a.example:443' }, 'POST', true], [{ origin: 'http://a.example', host: 'a.example:80' }, 'POST', true],
  [{ origin: 'http://a.example', host: 'a.example:443' }, 'POST', false], [{ origin: 'https://a.example', host: 'a.example:80' }, 'POST', false],
  [{ origin: 'https://a.example', host: 'A.Example' }, 'POST', true], [{ origin: 'https://a.example:8443', host: 'A.EXAMPLE:8443' }, 'POST', true],
  [{ origin: 'https://a.example', host: 'b.example@a.example' }, 'POST', false], [{ origin: 'https://a.example', host: 'a.example/' }, 'POST', false],
  [{ origin: 'https://a.example', host: 'a.example?' }, 'POST', false], [{ origin: 'https://a.example', host: 'a.example#' }, 'POST', false],
  [{ origin: 'https://[::1]:3000', host: '[::1]:3000' }, 'POST', true], [{ origin: 'https://[::1]', host: '[::1]:443' }, 'POST', true],
  [{ 'origin': 'https://a.example', 'host': 'inner', 'x-forwarded-host': 'A.example:443' }, 'POST', true],
  [{ origin: 'chrome-extension://abc', host: 'abc' }, 'POST', false], [{ origin: 'https://a.example', host: '' }, 'POST', false],
])('a request with %j and %s is of the same origin: %s', (headers, method, isSame) => {
  expect(isSameOrigin(transport(headers), method)).toBe(isSame)
})
