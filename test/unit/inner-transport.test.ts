import { getCookie } from 'h3'
import type { H3Event } from 'h3'
import { describe, expect, it, vi } from 'vitest'
import { haveSameToken } from '../../src/runtime/core/session/token'
import { createManager } from '../../src/runtime/core/session/manager'
import { openSession } from '../../src/runtime/core/session/open'
import type { SessionDataShape } from '../../src/runtime/core/model/types'
import { H3Transport } from '../../src/runtime/adapters/h3-v1/transport'
import type { RouteFacts } from '../../src/runtime/adapters/h3-v1/transport'
import { InnerTransport } from '../../src/runtime/adapters/shared/inner-transport'
import { handlerCachesOf } from '../../src/runtime/adapters/nitro-v2/request-runs'
import { TestApp } from './support/app'
import { h3Event, setCookiesOf } from './support/h3'
import { beginRun } from './support/handler-run'

const FACTS: RouteFacts = {
  isPrerendering: false,
  isIncremental: false,
  cachesOf: (transport, { outer }) => [...handlerCachesOf(transport, transport), ...outer?.caches() ?? []],
}

/** A request, and an inner request that the app makes while it handles the first. */
function nest(headers: Record<string, string> = {}, innerHeaders = headers) {
  const [outerEvent, innerEvent] = [h3Event(headers), h3Event(innerHeaders)]
  const outer = new H3Transport(outerEvent, FACTS)
  const own = new H3Transport(innerEvent, { ...FACTS, outer })
  return { outerEvent, innerEvent, outer, own, inner: new InnerTransport(own, outer) }
}

async function open(app: TestApp, transport: H3Transport | InnerTransport) {
  const siblings = { names: [], resolve: (name: string) => app.resolve({ name }) }
  return createManager<SessionDataShape>(await openSession(app.env, transport, app.resolve(), siblings, 'open'))
}

describe('the transport of an inner request', () => {
  it('has the outer request\'s session, and writes into the outer response', async () => {
    const app = new TestApp()
    const { outer, inner, outerEvent, innerEvent } = nest()
    const session = await open(app, outer)
    await session.update({ a: 1 })
    const within = await open(app, inner)
    expect([within.id, within.data]).toEqual([session.id, { a: 1 }])
    await within.update({ b: 2 })
    expect(session.data).toEqual({ a: 1, b: 2 })
    expect([setCookiesOf(outerEvent).length, setCookiesOf(innerEvent).length]).toEqual([1, 0])
    expect(outerEvent.node.res.getHeader('cache-control')).toBe('no-store')
    expect(innerEvent.node.res.hasHeader('cache-control')).toBe(false)
  })

  it('sends a session by header in the outer response\'s header', async () => {
    const app = new TestApp()
    const { inner, outerEvent, innerEvent } = nest({ 'x-h3-session': await app.seal() })
    await (await open(app, inner)).update({ a: 1 })
    expect(outerEvent.node.res.getHeader('x-h3-session')).toMatch(/^Fe26/)
    expect(innerEvent.node.res.hasHeader('x-h3-session')).toBe(false)
  })

  it('of an inner request within another writes into the outermost response', async () => {
    const app = new TestApp()
    const { inner, outer, outerEvent } = nest()
    const third = new InnerTransport(new H3Transport(h3Event(), { ...FACTS, outer: inner }), inner)
    await (await open(app, third)).update({ deep: true })
    expect((await open(app, outer)).data).toEqual({ deep: true })
    expect(setCookiesOf(outerEvent)).toHaveLength(1)
    expect(third.answered).toBe(outerEvent)
  })

  it('rejects writes as the outer response does', async () => {
    const app = new TestApp()
    const { inner, outerEvent } = nest()
    outerEvent.node.res.flushHeaders()
    await expect((await open(app, inner)).update({ a: 1 })).rejects.toMatchObject({ code: 'SESSION_HEADERS_SENT' })
  })

  it('uses the outer event and its request', () => {
    const { inner, innerEvent, outerEvent } = nest({ 'cookie': 'h3=a', 'x-forwarded-proto': 'https' }, { cookie: 'h3=a; other=1', purpose: 'prefetch' })
    expect([inner.event, inner.answered]).toEqual([innerEvent, outerEvent])
    expect({ ...inner.requestCookies() }).toEqual({ h3: 'a', other: '1' })
    expect([inner.requestHeader('purpose'), inner.isSecure()]).toEqual(['prefetch', true])
  })
})

vi.mock('nitropack/runtime', () => ({ useStorage: () => ({}) }))

describe('below a cached route', () => {
  const getKey = async (event: H3Event) => String(getCookie(event, 'h3'))

  it('no session can be used, not even one that the app gave the inner request', async () => {
    const app = new TestApp()
    const { outerEvent, own, inner, outer } = nest({ cookie: 'h3=a' }, {})
    const { inside } = beginRun(outerEvent, { getKey })
    expect(haveSameToken(own, outer, app.resolve())).toBe(false)
    for (const transport of [own, inner]) await expect(inside(() => open(app, transport))).rejects.toMatchObject({ code: 'SESSION_CACHED_ROUTE' })
  })

  it('that varies by the cookie, a visitor without a session reads an empty one', async () => {
    const app = new TestApp()
    const { outerEvent, inner } = nest()
    const { inside } = beginRun(outerEvent, { getKey, varies: ['cookie'] })
    const session = await inside(() => open(app, inner))
    expect([session.data, session.id, session.isNew]).toEqual([{}, undefined, true])
    await expect(inside(() => session.update({ a: 1 }))).rejects.toMatchObject({ code: 'SESSION_CACHED_ROUTE' })
    expect(outerEvent.node.res.getHeaders()).toEqual({})
  })

  it('that varies by the cookie, a visitor with a session reads it', async () => {
    const app = new TestApp()
    const { outerEvent, inner } = nest({ cookie: `h3=${await app.seal({ data: { a: 1 } })}` })
    const { inside } = beginRun(outerEvent, { getKey, varies: ['cookie'] })
    expect((await inside(() => open(app, inner))).data).toEqual({ a: 1 })
    expect(outerEvent.node.res.getHeaders()).toEqual({ 'cache-control': 'private, no-cache', 'vary': 'Cookie, x-h3-session' })
  })
})
