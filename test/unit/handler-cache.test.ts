import { getCookie } from 'h3'
import type { H3Event } from 'h3'
import { describe, expect, it, vi } from 'vitest'
import { H3Transport } from '../../src/runtime/adapters/h3-v1/transport'
import { handlerCachesOf, markFailed } from '../../src/runtime/adapters/nitro-v2/request-runs'
import { runOf, trackRuns } from '../../src/runtime/adapters/nitro-v2/handler-runs'
import { h3Event } from './support/h3'
import { beginRun } from './support/handler-run'

const FACTS = { isPrerendering: false, isIncremental: false }
const OWNER = { header: 'cookie', name: 'h3', hash: 'aa', isPrivate: true }
const MARK = 'x-nuxt-h3-session-owners'

type GetKey = (event: H3Event) => Promise<string>

/** A cached handler that runs for a request: its cache and its event. */
function run(getKey: GetKey, { varies = ['cookie'], headers = { cookie: 'theme=dark; h3=token-of-Ada' } as Record<string, string> } = {}) {
  const request = h3Event(headers)
  const { event: handled, inside } = beginRun(request, { getKey, varies })
  const incoming = new H3Transport(request, FACTS)
  const cacheOf = (event: H3Event) => inside(() => handlerCachesOf(event === request ? incoming : new H3Transport(event, { ...FACTS, incoming }), incoming)[0]!)
  return { request, handled, cacheOf }
}

describe('the key of a cached handler', () => {
  it.each<[what: string, getKey: GetKey, isShared: boolean]>([
    ['by the cookie', async event => String(getCookie(event, 'h3')), false],
    ['by the header', async event => String(event.node.req.headers.cookie), false],
    ['by another cookie', async event => String(getCookie(event, 'theme')), true],
    ['by the path', async event => event.path, true],
    ['that throws', async () => { throw new Error('for the test') }, true],
    ['that throws for unknown tokens', async (event) => {
      if (getCookie(event, 'h3') !== 'token-of-Ada') throw new Error('for the test')
      return 'known'
    }, true],
    ['by a session that was found', async event => String((event.context.sessions as Record<string, { id: string }>).h3?.id), true],
    ['by a value that a middleware computed', async event => String(event.context.user), true],
  ])('%s: visitors share an entry: %s', async (_what, getKey, isShared) => {
    const { request, cacheOf } = run(getKey)
    Object.assign(request.context, { sessions: { h3: { id: 'a' } }, user: 'Ada' })
    expect(await cacheOf(request).isSameEntry('cookie', 'theme=dark; h3=token-of-Bob')).toBe(isShared)
  })

  it('that Nitro does not expose separates no visitors', async () => {
    const { request, cacheOf } = run(undefined as never)
    expect(await cacheOf(request).isSameEntry('cookie', 'h3=token-of-Bob')).toBe(true)
  })

  it('is not checked if the handler does not vary by the header, because the handler does not get it', async () => {
    const getKey = vi.fn(async (event: H3Event) => String(getCookie(event, 'h3')))
    const { request, cacheOf } = run(getKey, { varies: ['accept'] })
    expect(await cacheOf(request).isSameEntry('cookie', 'h3=token-of-Bob')).toBe(true)
    expect(getKey).not.toHaveBeenCalled()
  })

  it('is checked with copies, so it cannot change the request', async () => {
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

  it('names its owner in the handler\'s own response, with Vary', () => {
    const { handled, cacheOf } = run(getKey)
    const cache = cacheOf(handled)
    cache.addOwner(OWNER)
    cache.vary(['Cookie', 'x-h3-session'])
    expect(handled.node.res.getHeaders()).toEqual({ vary: 'Cookie', [MARK]: 'cookie h3 aa private' })
    cache.forbid()
    expect(handled.node.res.getHeader('cache-control')).toBe('no-store')
  })

  it('names its owner even if the handler only requests another route with the request\'s event', () => {
    const { request, handled, cacheOf } = run(getKey)
    cacheOf(request).addOwner(OWNER)
    expect([cacheOf(handled), handled.node.res.getHeader(MARK)]).toEqual([cacheOf(request), 'cookie h3 aa private'])
  })

  it('names its owner again after another entry\'s headers were copied into the response', () => {
    const { handled, cacheOf } = run(getKey)
    const cache = cacheOf(handled)
    cache.addOwner(OWNER)
    cache.vary(['Cookie'])
    cache.forbid()
    for (const [name, value] of Object.entries({ [MARK]: 'other', 'vary': 'Accept', 'cache-control': 'max-age=60' })) handled.node.res.setHeader(name, value)
    runOf(handled)!.cache!.describe()
    expect(handled.node.res.getHeaders()).toEqual({ [MARK]: 'cookie h3 aa private', 'vary': 'Accept, Cookie', 'cache-control': 'no-store' })
  })
})

describe('the cached handlers that enclose an event', () => {
  /** The positions of the runs around an event, innermost first. */
  const around = (event: H3Event, runs: { event: H3Event }[]) => {
    const transport = new H3Transport(event, FACTS)
    return handlerCachesOf(transport, transport).map(cache => runs.findIndex(run => runOf(run.event)?.cache === cache))
  }

  it('code inside a run is in it, even with the event of the request', async () => {
    const request = h3Event()
    const run = beginRun(request)
    expect([run.inside(() => around(request, [run])), around(run.event, [run])]).toEqual([[0], [0]])
    expect(around(request, [run])).toEqual([])
  })

  it('a run inside another is in that one, and in none beside it', () => {
    const request = h3Event()
    const [outer, other] = [beginRun(request), beginRun(request)]
    const inner = outer.inside(() => beginRun(request))
    const runs = [outer, other, inner]
    expect(runs.map(({ event }) => around(event, runs))).toEqual([[0], [1], [2, 0]])
    expect(inner.inside(() => around(request, runs))).toEqual([2, 0])
  })

  it('after one that failed, the request is in it if an error is answered', async () => {
    const request = h3Event()
    const [one, two] = [beginRun(request), beginRun(request)]
    await one.end()
    await two.fail()
    expect(around(request, [one, two])).toEqual([])
    markFailed(request)
    expect(around(request, [one, two])).toEqual([1])
  })

  it('without AsyncLocalStorage, the request is in all that have not ended', async () => {
    vi.stubGlobal('process', undefined)
    vi.resetModules()
    const unfollowed = await import('../../src/runtime/adapters/nitro-v2/handler-runs')
    vi.unstubAllGlobals()
    const request = h3Event()
    const [one, two] = [beginRun(request, {}, unfollowed.trackRuns), beginRun(request, {}, unfollowed.trackRuns)]
    expect([around(request, [one, two]), around(two.event, [one, two])]).toEqual([[0, 1], [1, 0]])
    await one.end()
    expect(around(request, [one, two])).toEqual([1])
  })

  it('a call that Nitro does not cache is no run', async () => {
    const request = h3Event()
    await trackRuns(async () => expect(around(request, [])).toEqual([]))(request)
    await beginRun(request).end()
    await trackRuns(async () => expect(around(request, [])).toEqual([]))(request)
  })

  it('a tracked handler has the source of the handler, from which Nitro derives its version', () => {
    const handler = () => 'source'
    expect(String(trackRuns(handler))).toBe(String(handler))
  })
})

it('a cached handler that is not tracked may still run: its cache counts as shared', async () => {
  const request = h3Event()
  request.context.cache = { options: { getKey: async () => 'key', varies: ['cookie'] } }
  const incoming = new H3Transport(request, FACTS)
  const [cache] = handlerCachesOf(incoming, incoming)
  expect([cache!.checked.get('cookie h3'), await cache!.isSameEntry('cookie', 'h3=other')]).toEqual([true, true])
})

it('an app\'s own `cache` in the context is not mistaken for Nitro\'s', () => {
  for (const cache of [new Map(), {}, 'text', null]) {
    const event = h3Event()
    event.context.cache = cache
    const incoming = new H3Transport(event, FACTS)
    expect(handlerCachesOf(incoming, incoming)).toEqual([])
  }
})
