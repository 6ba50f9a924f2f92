import type { SessionEnvironment } from '../../core/session/context'
import { exchangeOf, linkExchange, whenEnded } from '../h3-v2/event'
import type { Exchange, NextEvent } from '../h3-v2/event'
import type { Nitro3App } from './host'

/** Nuxt copies only the headers of a request to its inner requests. */
const OUTER_REQUEST_HEADER = 'x-nuxt-h3-session-outer'

/** @returns a function that links requests with an event's headers to it, until its response has ended */
export function linkRequests({ h3: { config }, hooks }: Nitro3App, { generateId }: Pick<SessionEnvironment, 'generateId'>): (event: NextEvent) => void {
  const announced = new Map<string, Exchange>()
  const { onRequest, onResponse } = config

  config.onRequest = (event: NextEvent) => {
    const outer = announced.get(event.req.headers.get(OUTER_REQUEST_HEADER) ?? '')
    if (outer) {
      linkExchange(event, outer)
      event.req.headers.delete(OUTER_REQUEST_HEADER)
    }
    return onRequest?.(event as never)
  }

  config.onResponse = (response: Response, event: NextEvent) => {
    const { key } = exchangeOf(event)
    // A streamed page makes inner requests after its response has started.
    if (key !== undefined) whenEnded(event, () => announced.delete(key))
    return onResponse?.(response, event as never)
  }

  function announce(event: NextEvent): void {
    const exchange = exchangeOf(event)
    exchange.key ??= generateId()
    announced.set(exchange.key, exchange)
    event.req.headers.set(OUTER_REQUEST_HEADER, exchange.key)
  }

  // Nuxt renders an error page with an inner request that has the headers of the failed request.
  hooks.hook('error', (_error: unknown, { event }: { event?: NextEvent }) => {
    // A failure after the response gets no error page, and its entry would never be removed.
    if (event && !exchangeOf(event).isSent && hasSession(exchangeOf(event))) announce(event)
  })
  return announce
}

/** Whether the request may have changed its own session, also with h3's functions, or the outer request's. */
function hasSession({ states, context, outer }: Exchange): boolean {
  return Object.keys(states).length > 0 || Boolean(context.sessions ?? outer)
}
