import type { ServerResponse } from 'node:http'
import type { SessionEvent } from '../shared/event'

/** The used part of an h3 2 request. */
export interface NextRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** The peer's address, if the server provides it. */
  readonly ip?: string
  readonly runtime?: { node?: { res?: Pick<ServerResponse, 'headersSent' | 'closed' | 'once'> } }
}

/** The options of a cached handler, as in a route rule. */
export interface CacheRule {
  varies?: readonly string[]
  allowCookies?: readonly string[]
  /** Replaces `varies` and `allowCookies`. */
  getKey?: (event: NextEvent) => unknown
  /** Only sets the headers of a cache, and stores nothing. */
  headersOnly?: boolean
}

/** The context of a request. All events of the request share it. */
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
