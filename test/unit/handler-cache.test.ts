import { getCookie } from 'h3'
import type { H3Event } from 'h3'
import { describe, expect, it, vi } from 'vitest'
import { H3Transport } from '../../src/runtime/adapters/h3-v1/transport'
import { handlerCachesOf } from '../../src/runtime/adapters/nitro-v2/handler-cache'
import { runsAround, trackRuns } from '../../src/runtime/adapters/nitro-v2/handler-runs'
import { h3Event } from './support/h3'
import { beginRun } from './support/handler-run'

const FACTS = { isPrerendering: false, isIncremental: false }
const OWNER = { header: 'cookie', name: 'h3', hash: 'aa', isPrivate: true }
const MARK = 'x-nuxt-h3-session-owners'

type GetKey = (event: H3Event) => Promise<string>

function requestWith(headers?: Record<string, string>): H3Event {
  return Object.assign(h3Event(headers), { waitUntil: () => undefined })
}

/** A cached handler that runs for a request: its cache, and the event of its own. */
function run(getKey: GetKey, { varies = ['cookie'], headers = { cookie: 'theme=dark; h3=token-of-Ada' } as Record<string, string> } = {}) {
  const request = requestWith(headers)
  const { event: handled, end } = beginRun(request, { getKey, varies })
  const incoming = new H3Transport(request, FACTS)
  const cacheOf = (event: H3Event) => handlerCachesOf(event === request ? incoming : new H3Transport(event, { ...FACTS, incoming }), incoming)[0]!
  return { request, handled, end, cacheOf }
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
    expect(await cacheOf(request).isSameEntry('cookie', 'theme=dark; h3=token-of-Bob')).toBe(isShared)
  })

  it('that Nitro does not tell keeps nobody apart', async () => {
    const { request, cacheOf } = run(undefined as never)
    expect(await cacheOf(request).isSameEntry('cookie', 'h3=token-of-Bob')).toBe(true)
  })

  it('is not asked where the handler does not vary by the header, for it is taken away from the handler', async () => {
    const getKey = vi.fn(async (event: H3Event) => String(getCookie(event, 'h3')))
    const { request, cacheOf } = run(getKey, { varies: ['accept'] })
    expect(await cacheOf(request).isSameEntry('cookie', 'h3=token-of-Bob')).toBe(true)
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
    await cacheOf(request).isSameEntry('cookie', 'h3=token-of-Bob')
    expect([request.node.res.getHeaders(), request.node.req.headers.cookie, request.context.asked, request.context.sessions])
      .toEqual([{}, 'theme=dark; h3=token-of-Ada', undefined, undefined])
  })
})

describe('an entry', () => {
  const getKey = async (event: H3Event) => `${getCookie(event, 'h3')}`

  it('says in the handler\'s own response whose it is, and by what it varies', () => {
    const { handled, cacheOf } = run(getKey)
    const cache = cacheOf(handled)
    cache.addOwner(OWNER)
    cache.vary(['Cookie', 'x-h3-session'])
    expect(handled.node.res.getHeaders()).toEqual({ vary: 'Cookie', [MARK]: 'cookie h3 aa private' })
    cache.forbid()
    expect(handled.node.res.getHeader('cache-control')).toBe('no-store')
  })

  it('says the same if the handler only asks another route, which has the request\'s event', () => {
    const { request, handled, cacheOf } = run(getKey)
    cacheOf(request).addOwner(OWNER)
    expect([cacheOf(handled), handled.node.res.getHeader(MARK)]).toEqual([cacheOf(request), 'cookie h3 aa private'])
  })

  it('says so again after another entry\'s headers were put into the response', () => {
    const { handled, cacheOf } = run(getKey)
    const cache = cacheOf(handled)
    cache.addOwner(OWNER)
    cache.vary(['Cookie'])
    cache.forbid()
    for (const [name, value] of Object.entries({ [MARK]: 'other', 'vary': 'Accept', 'cache-control': 'max-age=60' })) handled.node.res.setHeader(name, value)
    runsAround(handled)[0]!.cache!.describe()
    expect(handled.node.res.getHeaders()).toEqual({ [MARK]: 'cookie h3 aa private', 'vary': 'Accept, Cookie', 'cache-control': 'no-store' })
  })
})

describe('the runs of cached handlers that an event is in', () => {
  const eventsOf = (event: H3Event) => runsAround(event).map(({ event }) => event)

  it('the request\'s own is in those that have not ended; one that fails does not', async () => {
    const request = requestWith()
    expect(eventsOf(request)).toEqual([])
    const [one, two] = [beginRun(request), beginRun(request)]
    expect(eventsOf(request)).toEqual([one.event, two.event])
    await one.end()
    expect(eventsOf(request)).toEqual([two.event])
    await two.fail()
    expect(eventsOf(request)).toEqual([two.event])
  })

  it('a run\'s own is in it and in those around it, and in none beside it', () => {
    const request = requestWith()
    const [outer, other] = [beginRun(request), beginRun(request)]
    const inner = beginRun(outer.event)
    expect([outer.event, other.event, inner.event].map(eventsOf)).toEqual([[outer.event], [other.event], [inner.event, outer.event]])
  })

  it('a run\'s own is in all that have not ended if it is unknown of which event it was made', () => {
    const request = Object.assign(requestWith(), { waitUntil: undefined })
    const [one, two] = [beginRun(request), beginRun(request)]
    expect(eventsOf(two.event)).toEqual([two.event, one.event])
  })

  it('a call that Nitro does not cache is no run', async () => {
    const request = requestWith()
    await trackRuns(async () => expect(eventsOf(request)).toEqual([]))(request)
    await beginRun(request).end()
    await trackRuns(async () => expect(eventsOf(request)).toEqual([]))(request)
  })

  it('leave their requests waiting for what the handler hands over', () => {
    const waitUntil = vi.fn()
    const { event } = beginRun(Object.assign(h3Event(), { waitUntil }))
    event.waitUntil(Promise.resolve())
    expect(waitUntil).toHaveBeenCalledOnce()
  })

  it('a watched handler has the source of the handler, by which Nitro tells its versions apart', () => {
    const handler = () => 'source'
    expect(String(trackRuns(handler))).toBe(String(handler))
  })
})

it('a cached handler that is not watched may run still: its cache counts as shared by all', async () => {
  const request = requestWith()
  request.context.cache = { options: { getKey: async () => 'key', varies: ['cookie'] } }
  const incoming = new H3Transport(request, FACTS)
  const [cache] = handlerCachesOf(incoming, incoming)
  expect([cache!.checked.get('cookie h3'), await cache!.isSameEntry('cookie', 'h3=other')]).toEqual([true, true])
})

it('an app\'s own `cache` in the context is none of Nitro\'s', () => {
  for (const cache of [new Map(), {}, 'text', null]) {
    const event = h3Event()
    event.context.cache = cache
    const incoming = new H3Transport(event, FACTS)
    expect(handlerCachesOf(incoming, incoming)).toEqual([])
  }
})
