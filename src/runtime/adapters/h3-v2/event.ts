import type { ServerResponse } from 'node:http'
import type { SessionEvent } from '../shared/event'

/** What of an h3 2 request is looked at. */
export interface NextRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** The peer's address, where the server tells it. */
  readonly ip?: string
  readonly runtime?: { node?: { res?: Pick<ServerResponse, 'headersSent' | 'closed' | 'once'> } }
}

/** A cached handler's options, as a route rule has them. */
export interface CacheRule {
  varies?: readonly string[]
  allowCookies?: readonly string[]
  /** The app's own key, in place of what the rule varies by; in an app of h3 alone. */
  getKey?: (event: NextEvent) => unknown
  /** Nothing is kept; only the headers are a cache's. */
  headersOnly?: boolean
}

/** What belongs to a request; events that are made of the same request share it. */
export interface NextContext {
  sessions?: unknown
  routeRules?: { isr?: unknown, cache?: CacheRule | false, prerender?: unknown }
  [key: string | symbol]: unknown
}

/** An event of h3 2. */
export interface NextEvent {
  readonly req: NextRequest
  readonly url: URL
  readonly res: { readonly headers: Headers, readonly errHeaders: Headers }
  readonly context: NextContext
}

/** Whether the event has a response that can carry a cookie; a socket has none. */
export function isNextEvent(event: SessionEvent | NextEvent): event is NextEvent {
  return 'req' in event && 'res' in event
}
