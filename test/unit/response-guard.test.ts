import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { IncomingMessage as MockRequest, ServerResponse as MockResponse } from 'node-mock-http'
import { describe, expect, it } from 'vitest'
import { forbidCaching, keepCookies, restrictToVisitor } from '../../src/runtime/adapters/h3-v1/response-guard'

const VARY = ['Cookie', 'x-h3-session']

function nodeResponse(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()))
}

/** A response as on workers. It is not sent, but read when it has ended. */
function mockResponse(): ServerResponse {
  return new MockResponse(new MockRequest()) as unknown as ServerResponse
}

function read(response: ServerResponse) {
  return { cacheControl: response.getHeader('cache-control'), vary: response.getHeader('vary') }
}

const PRIVATE = { cacheControl: 'private, no-cache', vary: 'Cookie, x-h3-session' }

describe.each([['Node\'s response', nodeResponse], ['a response that is never sent', mockResponse]])('%s', (_, create) => {
  it('is private at once, before it is sent', () => {
    const response = create()
    restrictToVisitor(response, VARY)
    expect(read(response)).toEqual(PRIVATE)
  })

  it('is private whatever is set later', () => {
    const response = create()
    restrictToVisitor(response, VARY)
    response.setHeader('cache-control', 'public, max-age=60')
    response.removeHeader('vary')
    response.end('text')
    expect(read(response)).toEqual(PRIVATE)
  })

  it('is not stored if a cookie is sent, in any order', () => {
    for (const isReadFirst of [true, false]) {
      const response = create()
      if (isReadFirst) restrictToVisitor(response, VARY)
      forbidCaching(response)
      if (!isReadFirst) restrictToVisitor(response, VARY)
      response.setHeader('cache-control', 'public')
      response.end()
      expect(read(response)).toEqual({ cacheControl: 'no-store', vary: PRIVATE.vary })
    }
  })

  it.each<[how: string, headers: unknown]>([
    ['an object', { 'Set-Cookie': ['own=1', 'two=2'] }],
    ['a list', ['Set-Cookie', 'own=1', 'Set-Cookie', 'two=2']],
  ])('keeps the session\'s cookie beside those that writeHead is given in %s', (_how, headers) => {
    const response = nodeResponse()
    response.setHeader('set-cookie', ['h3=token'])
    forbidCaching(response)
    response.writeHead(200, headers as Record<string, string>)
    expect(response.getHeader('set-cookie')).toEqual(['h3=token', 'own=1', 'two=2'])
  })

  it.each<[what: string, later: (response: ServerResponse) => void, expected: string[]]>([
    ['is replaced', response => response.setHeader('set-cookie', ['own=1']), ['own=1', 'h3=token; Path=/']],
    ['is removed', response => response.removeHeader('set-cookie'), ['h3=token; Path=/']],
    ['has the same cookie of another path', response => response.setHeader('set-cookie', 'h3=1; Path=/app'), ['h3=1; Path=/app', 'h3=token; Path=/']],
    ['has a later line for the same cookie', response => response.setHeader('set-cookie', 'h3=; path=/'), ['h3=; path=/']],
  ])('sends the session\'s cookie if the Set-Cookie header %s', (_, later, expected) => {
    const response = create()
    response.setHeader('set-cookie', 'h3=token; Path=/')
    keepCookies(response, ['h3=token; Path=/'])
    later(response)
    response.end()
    expect([response.getHeader('set-cookie')].flat()).toEqual(expected)
    expect(response.getHeader('cache-control')).toBeUndefined()
  })

  it('varies by the headers of all its sessions, each once', () => {
    const response = create()
    restrictToVisitor(response, VARY)
    restrictToVisitor(response, ['Cookie', 'x-cart-session'])
    restrictToVisitor(response, VARY)
    response.removeHeader('vary')
    response.end()
    expect(read(response).vary).toBe('Cookie, x-h3-session, x-cart-session')
  })

  it.each<[name: string, args: unknown[]]>([
    ['an object', [200, { 'Cache-Control': 'public', 'X-A': 'a' }]],
    ['a message and an object', [200, 'Fine', { 'Cache-Control': 'public', 'X-A': 'a' }]],
    ['an object and nothing', [200, { 'Cache-Control': 'public', 'X-A': 'a' }, undefined]],
    ['a list', [200, ['Cache-Control', 'public', 'X-A', 'a']]],
    ['a list of pairs', [200, [['Cache-Control', 'public'], ['X-A', 'a']]]],
  ])('is private if writeHead is given %s', (_, args) => {
    const response = create()
    restrictToVisitor(response, VARY)
    response.writeHead(...args as [number])
    response.end()
    expect(read(response)).toEqual(PRIVATE)
    expect(response.getHeader('x-a')).toBe('a')
    expect(response.statusCode).toBe(200)
  })

  it('handles a list as Node does: a name twice is sent twice, in place of what was set', () => {
    const response = create()
    response.setHeader('x-a', 'before')
    restrictToVisitor(response, VARY)
    response.writeHead(200, ['X-A', 'one', 'X-A', 'two'])
    expect(response.getHeader('x-a')).toEqual(['one', 'two'])
  })

  it('handles an object as Node does: the last of a name counts', () => {
    const response = create()
    restrictToVisitor(response, VARY)
    response.writeHead(200, { 'X-A': 'one', 'x-a': 'two' })
    expect(response.getHeader('x-a')).toBe('two')
  })
})

it('the headers that went out are not touched again', () => {
  const response = nodeResponse()
  restrictToVisitor(response, VARY)
  response.flushHeaders()
  expect(response.headersSent).toBe(true)
  expect(() => response.writeHead(200, { 'x-late': '1' })).toThrow(/ERR_HTTP_HEADERS_SENT|after they are sent/)
})

describe('a response with the writeHead of a guarded one', () => {
  const borrowing = () => {
    const [guarded, response] = [nodeResponse(), nodeResponse()]
    restrictToVisitor(guarded, VARY)
    response.writeHead = guarded.writeHead
    return response
  }

  it('sends its own head, without a policy if it has none', () => {
    const response = borrowing()
    response.writeHead(204, { 'x-a': '1' })
    expect([response.statusCode, response.headersSent, read(response).cacheControl]).toEqual([204, true, undefined])
  })

  it('is guarded like any other', () => {
    const response = borrowing()
    restrictToVisitor(response, VARY)
    response.writeHead(200, { 'cache-control': 'public' })
    expect(read(response)).toEqual(PRIVATE)
  })
})

it.each(['before', 'after'])('a wrapper that another module puts around writeHead %s the session is called, too', (when) => {
  const response = nodeResponse()
  if (when === 'after') restrictToVisitor(response, VARY)
  const inner = response.writeHead.bind(response) as (status: number) => ServerResponse
  const seen: number[] = []
  response.writeHead = ((status: number) => {
    seen.push(status)
    return inner(status)
  }) as never
  if (when === 'before') restrictToVisitor(response, VARY)
  response.setHeader('cache-control', 'public')
  response.writeHead(201)
  expect([seen, response.headersSent, read(response)]).toEqual([[201], true, PRIVATE])
})

it('an app that never used a session keeps its own writeHead', () => {
  const response = nodeResponse()
  expect(response.writeHead).toBe(ServerResponse.prototype.writeHead)
})
