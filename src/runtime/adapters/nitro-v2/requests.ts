import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import type { SessionEnvironment } from '../../core/session/context'
import { confirmRenewals } from '../../core/session/state'
import type { Transport } from '../../core/session/transport'
import { STATES } from '../h3-v1/transport'
import { hasResponse } from '../shared/event'
import { settleGuards } from '../shared/guards'
import type { SessionEvent } from '../shared/event'
import { markFailed } from './request-runs'

const REQUEST = Symbol.for('nuxt-h3-session.request')
/** Nuxt renders an error page with an inner request that has the headers of the failed request. */
const FAILED_REQUEST_HEADER = 'x-nuxt-h3-session-failed'

type Context = H3Event['context'] & { [REQUEST]?: H3Event, [STATES]?: Transport['states'], cache?: unknown }
/** Nitro sets the context of the event on a request by `event.$fetch`. */
type InnerRequest = H3Event['node']['req'] & { __unenv__?: Context }

/** Links an inner request, also that of an error page, to its outer one. Returns what must be called at the start of each request. */
export function linkRequests({ hooks }: NitroApp, { generateId }: Pick<SessionEnvironment, 'generateId'>): (event: H3Event) => void {
  const failed = new Map<string, H3Event>()

  hooks.hook('error', (_error, { event }) => {
    if (event) markFailed(event)
    // A closed response gets no error page, and its entry would never be removed.
    if (!event || event.handled || event.node.res.closed || !hasSession(event)) return
    // Hooks run synchronously, before the error handler copies the headers.
    const key = generateId()
    failed.set(key, event)
    event.node.req.headers[FAILED_REQUEST_HEADER] = key
    event.node.res.once('close', () => failed.delete(key))
  })

  return (event) => {
    const { context, node: { req } }: { context: Context, node: { req: InnerRequest } } = event
    context[REQUEST] = event
    const outer = '__unenv__' in req ? failed.get(String(req.headers[FAILED_REQUEST_HEADER])) : undefined
    if (outer) req.__unenv__ = outer.context
  }
}

/** Whether the request may have changed its own session, also with h3's functions, or the outer request's. */
function hasSession(event: H3Event): boolean {
  const context: Context = event.context
  return Boolean(context[STATES] ?? context.sessions ?? outerEvent(event))
}

/** The request's own event, if this is the event of a cached handler. */
export function requestEvent(event: SessionEvent): H3Event | undefined {
  const context = event.context as Context | undefined
  return context?.cache === undefined || context[REQUEST] === event ? undefined : context[REQUEST]
}

export function outerEvent(event: SessionEvent): H3Event | undefined {
  if (!hasResponse(event)) return undefined
  const outer = (event.node.req as InnerRequest).__unenv__?.[REQUEST]
  return outer === event ? undefined : outer
}

/**
 * Awaits forgotten guards before Nitro sends a response, and confirms the sessions' renewals before a response or an
 * error. Does not cover handlers that send their own response, such as with `sendRedirect`.
 */
export function watchResponses({ hooks, h3App }: NitroApp): void {
  const confirm = ({ context }: { context: Context }) => confirmRenewals(context[STATES])
  const { onBeforeResponse = () => undefined, onError } = h3App.options

  hooks.hook('beforeResponse', confirm)
  // Not by the hook: Nitro only logs its errors.
  h3App.options.onBeforeResponse = (event, response) => {
    const settling = settleGuards(event)
    // Most requests have no guards. An async function would cost each of them three promises.
    return settling ? settling.then(onBeforeResponse.bind(undefined, event, response)) : onBeforeResponse(event, response)
  }
  if (onError) h3App.options.onError = async (error, event) => {
    await confirm(event)
    return onError(error, event)
  }
}
