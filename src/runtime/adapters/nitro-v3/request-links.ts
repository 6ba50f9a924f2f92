import { exchangeOf, linkExchange } from '../h3-v2/exchange'
import type { Exchange } from '../h3-v2/exchange'
import type { NextEvent } from '../h3-v2/event'
import type { SessionEnvironment } from '../../core/session/context'
import type { Nitro3App } from './app'

/** Nuxt gives the headers of a request to those that it makes while it answers it, and nothing else of it. */
const OUTER_REQUEST_HEADER = 'x-nuxt-h3-session-outer'

/** Lets requests that the app makes to itself be known as parts of the one that it answers. */
export interface RequestLinks {
  /** From now on requests with this one's headers are parts of it, until its answer has ended. */
  announce: (event: NextEvent) => void
}

/** Whether the request may have changed a session: its own, also by h3's functions, or that of the one around it. */
function hasSession({ states, context, outer }: Exchange): boolean {
  return Object.keys(states).length > 0 || Boolean(context.sessions ?? outer)
}

/** A streamed page makes requests after its response began; runtimes other than Node do not say when it ends. */
function whenEnded({ req }: NextEvent, then: () => void): void {
  const response = req.runtime?.node?.res
  if (response && !response.closed) response.once('close', then)
  else then()
}

export function linkRequests({ h3: { config }, hooks }: Nitro3App, { generateId }: Pick<SessionEnvironment, 'generateId'>): RequestLinks {
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
    if (key !== undefined) whenEnded(event, () => announced.delete(key))
    return onResponse?.(response, event as never)
  }

  function announce(event: NextEvent): void {
    const exchange = exchangeOf(event)
    exchange.key ??= generateId()
    announced.set(exchange.key, exchange)
    event.req.headers.set(OUTER_REQUEST_HEADER, exchange.key)
  }

  // An error page is rendered by a request with the headers of the one that failed.
  hooks.hook('error', (_error: unknown, { event }: { event?: NextEvent }) => {
    // What fails after the response gets no error page, and would never be forgotten.
    if (event && !exchangeOf(event).isSent && hasSession(exchangeOf(event))) announce(event)
  })
  return { announce }
}
