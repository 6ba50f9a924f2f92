import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { describe, expect, it } from 'vitest'
import { linkRequests, outerEvent } from '../../src/runtime/adapters/nitro-v2/requests'
import type { ServerEnvironment } from '../../src/runtime/server/environment'
import { h3Event } from './support/h3'

const HEADER = 'x-nuxt-h3-session-failed'
const hasSessions = { sessions: {} }

/** Calls the hooks of a Nitro app. */
function createApp() {
  const hooks = new Map<string, (...args: unknown[]) => void>()
  let ids = 0
  const nitroApp = { hooks: { hook: hooks.set.bind(hooks) } }
  const link = linkRequests(nitroApp as unknown as NitroApp, { generateId: () => `key-${++ids}` } as ServerEnvironment)
  return {
    begin: (event: H3Event) => {
      link(event)
      return event
    },
    fail: (event: H3Event) => hooks.get('error')?.(new Error('of the test'), { event }),
  }
}

function innerEvent(headers: Record<string, string>, context: object | undefined): H3Event {
  const event = h3Event(headers)
  Object.assign(event.node.req, { __unenv__: context })
  return event
}

/** The request by which Nuxt renders the error page of `event`. */
const errorPageOf = (event: H3Event) => innerEvent(event.node.req.headers as Record<string, string>, undefined)

describe('the outer event', () => {
  it('is the event whose context the request was given', () => {
    const { begin } = createApp()
    const outer = begin(h3Event())
    expect(outerEvent(begin(innerEvent({}, outer.context)))).toBe(outer)
    expect(outerEvent(outer)).toBeUndefined()
  })

  it('is undefined if a platform passes its own context', () => {
    const { begin } = createApp()
    expect(outerEvent(begin(innerEvent({}, { cloudflare: {} })))).toBeUndefined()
    expect(outerEvent({ headers: new Headers() })).toBeUndefined()
  })
})

describe('an error page', () => {
  it.each([['our functions', { [Symbol.for('nuxt-h3-session.states')]: {} }], ['h3\'s own', hasSessions]])('is part of the request that failed after %s used the session', (_, context) => {
    const { begin, fail } = createApp()
    const event = begin(h3Event())
    Object.assign(event.context, context)
    fail(event)
    expect(outerEvent(begin(errorPageOf(event)))).toBe(event)
  })

  it('is independent if no session was used', () => {
    const { begin, fail } = createApp()
    const event = begin(h3Event())
    fail(event)
    expect(event.node.req.headers).toEqual({})
  })

  it('is not adopted by the key of another app, nor by a request from outside', () => {
    const { begin, fail } = createApp()
    const event = begin(h3Event())
    Object.assign(event.context, hasSessions)
    fail(event)
    const key = String(event.node.req.headers[HEADER])
    expect(outerEvent(begin(innerEvent({ [HEADER]: `${key}0` }, undefined)))).toBeUndefined()
    expect(outerEvent(begin(h3Event({ [HEADER]: key })))).toBeUndefined()
  })

  it('finds nothing once the response of the request that failed is closed', () => {
    const { begin, fail } = createApp()
    const event = begin(h3Event())
    Object.assign(event.context, hasSessions)
    fail(event)
    event.node.res.emit('close')
    expect(outerEvent(begin(errorPageOf(event)))).toBeUndefined()
  })

  it.each([
    ['whose client disconnected before it failed', (event: H3Event) => Object.defineProperty(event.node.res, 'closed', { value: true })],
    ['whose headers were sent', (event: H3Event) => event.node.res.flushHeaders()],
  ])('is not prepared for a request %s: the entry would never be removed', (_, prepare) => {
    const { begin, fail } = createApp()
    const event = begin(h3Event())
    Object.assign(event.context, hasSessions)
    prepare(event)
    fail(event)
    expect(event.node.req.headers).toEqual({})
    expect(event.node.res.listenerCount('close')).toBe(0)
  })
})
