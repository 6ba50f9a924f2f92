import { createEvent, getCookie } from 'h3'
import type { H3Event } from 'h3'
import { describe, expect, it, vi } from 'vitest'
import { H3Carrier } from '../../src/runtime/adapters/h3-v1/transport'
import { handlerCacheOf } from '../../src/runtime/adapters/nitro-v2/handler-cache'
import { UnseenEntries } from '../../src/runtime/adapters/nitro-v2/unseen-entries'
import { h3Event } from './support/h3'

vi.mock('nitropack/runtime', () => ({ useStorage: () => ({}) }))

const FACTS = { isPrerendering: false, isIncremental: false }
const OWNER = { header: 'cookie', name: 'h3', hash: 'aa', isPrivate: true }
const MARK = 'x-nuxt-h3-session-owners'

type GetKey = (event: H3Event) => Promise<string>

/** A cached handler that runs for a request: its cache, the event of its own, and what Nitro stores. */
function run(getKey: GetKey, { varies = ['cookie'], headers = { cookie: 'theme=dark; h3=token-of-Ada' } as Record<string, string> } = {}) {
  const request = h3Event(headers)
  request.context.cache = { options: { getKey, varies, integrity: 'i' } }
  const unseen = new UnseenEntries()
  const came = new H3Carrier(request, FACTS)
  const handled = createEvent(h3Event(headers).node.req, h3Event().node.res)
  handled.context = request.context
  const cacheOf = (event: H3Event) => handlerCacheOf(event === request ? came : new H3Carrier(event, { ...FACTS, came }), came, unseen)!
  return { request, handled, unseen, cacheOf }
}

describe('the key of a cached handler', () => {
  it.each<[what: string, getKey: GetKey, isShared: boolean]>([
    ['by the cookie', async event => String(getCookie(event, 'h3')), false],
    ['by the header', async event => String(event.node.req.headers.cookie), false],
    ['by another cookie', async event => String(getCookie(event, 'theme')), true],
    ['by the path', async event => event.path, true],
    ['that throws', async () => { throw new Error('for the test') }, true],
    ['that throws for tokens it does not know', async (event) => {
      if (getCookie(event, 'h3') !== 'token-of-Ada') throw new Error('for the test')
      return 'known'
    }, true],
    ['by a session that was found', async event => String((event.context.sessions as Record<string, { id: string }>).h3?.id), true],
    ['by what a middleware made of it', async event => String(event.context.user), true],
  ])('%s: visitors share an entry: %s', async (_what, getKey, isShared) => {
    const { request, cacheOf } = run(getKey)
    Object.assign(request.context, { sessions: { h3: { id: 'a' } }, user: 'Ada' })
    expect(await cacheOf(request).isSharedWith('cookie', 'theme=dark; h3=token-of-Bob')).toBe(isShared)
  })

  it('that Nitro does not tell keeps nobody apart', async () => {
    const { request, cacheOf } = run(undefined as never)
    expect(await cacheOf(request).isSharedWith('cookie', 'h3=token-of-Bob')).toBe(true)
  })

  it('is not asked where the handler does not vary by the header, for it is taken away from the handler', async () => {
    const getKey = vi.fn(async (event: H3Event) => String(getCookie(event, 'h3')))
    const { request, cacheOf } = run(getKey, { varies: ['accept'] })
    expect(await cacheOf(request).isSharedWith('cookie', 'h3=token-of-Bob')).toBe(true)
    expect(getKey).not.toHaveBeenCalled()
  })

  it('is asked by copies: what it does is not done to the request', async () => {
    const { request, cacheOf } = run(async (event) => {
      event.node.res.setHeader('set-cookie', 'by=getKey')
      event.node.req.headers.cookie = 'changed'
      event.context.sessions = {}
      event.context.asked = true
      return String(event.context.cache)
    })
    await cacheOf(request).isSharedWith('cookie', 'h3=token-of-Bob')
    expect([request.node.res.getHeaders(), request.node.req.headers.cookie, request.context.asked, request.context.sessions])
      .toEqual([{}, 'theme=dark; h3=token-of-Ada', undefined, undefined])
  })
})

describe('an entry', () => {
  const getKey = async (event: H3Event) => `${getCookie(event, 'h3')}`

  it('says in the handler\'s own response whose it is, and by what it varies', () => {
    const { handled, cacheOf } = run(getKey)
    const cache = cacheOf(handled)
    cache.owners.set('cookie h3', OWNER)
    cache.keepFor()
    cache.vary(['Cookie', 'x-h3-session'])
    expect(handled.node.res.getHeaders()).toEqual({ vary: 'Cookie', [MARK]: 'cookie h3 aa private' })
    cache.forbid()
    expect(handled.node.res.getHeader('cache-control')).toBe('no-store')
  })

  it('whose handler asks another route says so when it is stored', async () => {
    const { request, unseen, cacheOf } = run(getKey)
    const stored: unknown[] = []
    const storage = { setItem: async (...args: unknown[]) => { stored.push(args[1]) } }
    unseen.watch(storage as never)
    const cache = cacheOf(request)
    await cache.isSharedWith('cookie', 'h3=token-of-Bob')
    cache.owners.set('cookie h3', OWNER)
    cache.keepFor()
    cache.vary(['Cookie'])
    const entry = (integrity: string, headers: Record<string, string>) => ({ integrity, value: { body: '', headers } })
    const [other, own, later] = [entry('other', {}), entry('i', { Vary: 'Accept' }), entry('i', {})]
    for (const value of [other, own, later]) await storage.setItem('/cache:nitro:handlers:_:token-of-Ada.json', value)
    expect(stored).toEqual([
      entry('other', {}), entry('i', { Vary: 'Accept, Cookie', [MARK]: 'cookie h3 aa private' }), entry('i', {}),
    ])
  })

  it('whose handler asks a route that writes the session is not stored', async () => {
    const { request, unseen, cacheOf } = run(getKey)
    const setItem = vi.fn(async () => undefined)
    const storage = { setItem }
    unseen.watch(storage as never)
    const cache = cacheOf(request)
    await cache.isSharedWith('cookie', 'h3=token-of-Bob')
    cache.forbid()
    await (storage.setItem as (...args: unknown[]) => unknown)('/cache:nitro:handlers:_:token-of-Ada.json', { integrity: 'i', value: { headers: {} } })
    await (storage.setItem as (...args: unknown[]) => unknown)('other', 1)
    expect(setItem.mock.calls).toEqual([['other', 1]])
  })

  it('is described once more where the handler turns out to use the session itself', () => {
    const { request, handled, cacheOf } = run(getKey)
    const unseen = cacheOf(request)
    unseen.owners.set('cookie h3', OWNER)
    unseen.keepFor()
    expect(cacheOf(handled)).toBe(unseen)
    expect(handled.node.res.getHeader(MARK)).toBe('cookie h3 aa private')
  })
})

it('an app\'s own `cache` in the context is none of Nitro\'s', () => {
  for (const cache of [new Map(), {}, 'text', null]) {
    const event = h3Event()
    event.context.cache = cache
    const came = new H3Carrier(event, FACTS)
    expect(handlerCacheOf(came, came, new UnseenEntries())).toBeUndefined()
  }
})
