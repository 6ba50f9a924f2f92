import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { STATES } from '../h3-v1/transport'
import { hasResponse } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import type { SessionEnvironment } from '../../core/session/context'
import { markFailed } from './handler-runs'

const REQUEST = Symbol.for('nuxt-h3-session.request')
/** Nuxt renders an error page by a request to itself, with the headers of the one that failed. */
const FAILED_REQUEST_HEADER = 'x-nuxt-h3-session-failed'

type Context = H3Event['context'] & { [REQUEST]?: H3Event, [STATES]?: unknown, cache?: unknown }
/** Nitro gives a request that the app makes by `event.$fetch` the context of that event. */
type InnerRequest = H3Event['node']['req'] & { __unenv__?: Context }

/** Lets requests that the app makes to itself be known as parts of the one that it answers. */
export function linkRequests(nitroApp: NitroApp, { generateId }: Pick<SessionEnvironment, 'generateId'>): void {
  const failed = new Map<string, H3Event>()

  nitroApp.hooks.hook('request', (event) => {
    (event.context as Context)[REQUEST] = event
    adoptErrorPage(event)
  })

  nitroApp.hooks.hook('error', (_error, { event }) => {
    if (event) markFailed(event)
    // A response that is closed gets no error page, and would never be forgotten.
    if (!event || event.handled || event.node.res.closed || !hasSession(event)) return
    // Before the error handler copies the headers: hooks are called at once.
    const key = generateId()
    failed.set(key, event)
    event.node.req.headers[FAILED_REQUEST_HEADER] = key
    event.node.res.once('close', () => failed.delete(key))
  })

  function adoptErrorPage(event: H3Event): void {
    const request: InnerRequest = event.node.req
    const key = '__unenv__' in request ? request.headers[FAILED_REQUEST_HEADER] : undefined
    const outer = typeof key === 'string' ? failed.get(key) : undefined
    if (outer) request.__unenv__ = outer.context
  }
}

/** Whether the request may have changed a session: its own, also by h3's functions, or that of the one around it. */
function hasSession(event: H3Event): boolean {
  const context: Context = event.context
  return Boolean(context[STATES] ?? context.sessions ?? outerEvent(event))
}

/** The request's own event, if this is the event of a cached handler. */
export function requestEvent(event: SessionEvent): H3Event | undefined {
  const context = event.context as Context | undefined
  return context?.cache === undefined || context[REQUEST] === event ? undefined : context[REQUEST]
}

/** The event that the app answers while it makes this request to itself. */
export function outerEvent(event: SessionEvent): H3Event | undefined {
  if (!hasResponse(event)) return undefined
  const outer = (event.node.req as InnerRequest).__unenv__?.[REQUEST]
  return outer === event ? undefined : outer
}
