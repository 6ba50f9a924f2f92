import type { ServerResponse } from 'node:http'
import { missingLines } from '../../core/cookie/cookies'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import type { SessionRouteRule } from '../../core/model/types'
import { ByName } from '../../core/session/state'
import type { Transport } from '../../core/session/transport'
import { clearingCache, completeVary, stricterCacheControl } from '../shared/cache-values'
import type { CacheDirective } from '../shared/cache-values'
import type { SessionEvent } from '../shared/event'

/** Key of the rule by which a cached handler stores the response to a request. */
export const CACHE_RULE = Symbol.for('nuxt-h3-session.cache-rule')
const EXCHANGE = Symbol.for('nuxt-h3-session.exchange')

/** The used part of an h3 2 request. */
export interface NextRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** The peer's address, if the server provides it. */
  readonly ip?: string
  readonly runtime?: { node?: { res?: Pick<ServerResponse, 'headersSent' | 'closed' | 'once'> } }
  [CACHE_RULE]?: CacheRule
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
  routeRules?: { isr?: unknown, cache?: CacheRule | false, prerender?: unknown, session?: SessionRouteRule }
  /** The handler can be a cached handler of ocache, which has `resolveKeys`. */
  matchedRoute?: { route?: string, meta?: { session?: SessionRouteRule }, handler?: { resolveKeys?: (event: NextEvent) => Promise<readonly string[]> } }
  [EXCHANGE]?: Exchange
  [key: string | symbol]: unknown
}

export interface NextEvent {
  readonly req: NextRequest
  readonly url: URL
  readonly res: { readonly headers: Headers, readonly errHeaders: Headers }
  readonly context: NextContext
}

/** `false` for a socket. */
export function isNextEvent(event: SessionEvent | NextEvent): event is NextEvent {
  return 'req' in event && 'res' in event
}

/** A request and its response. It can have several events: Nuxt renders pages with a new one. */
export interface Exchange {
  readonly context: NextContext
  /** The event whose response h3 sends. */
  readonly event: NextEvent
  /** The original request. A cached handler gets fewer headers. */
  readonly request: NextRequest
  readonly outer: Exchange | undefined
  readonly states: Transport['states']
  /** Session headers of the response. h3 drops staged headers if an error handler responds, and a cache drops cookies. */
  readonly answer: {
    cookies: readonly string[]
    readonly headers: Map<string, string>
    vary: readonly string[]
    caching: CacheDirective | undefined
    clearsCache: boolean
  }
  /** The cache of the running cached handler, and the handler's request. */
  filled: { of: NextRequest, cache: ResponseCache } | undefined
  isSent: boolean
  /** Identifies this exchange in the headers of inner requests. */
  key: string | undefined
}

export function exchangeOf(event: NextEvent): Exchange {
  const { context } = event
  const found = context[EXCHANGE]
  if (found?.context === context) return found
  // The context is a copy of another request's, whose h3 sessions must not be used.
  if (found && context.sessions === found.context.sessions) context.sessions = undefined
  return linkExchange(event, found)
}

/** `outer` is set for an inner request. */
export function linkExchange(event: NextEvent, outer: Exchange | undefined): Exchange {
  return event.context[EXCHANGE] = {
    context: event.context,
    event,
    request: event.req,
    outer,
    states: new ByName(),
    answer: { cookies: [], headers: new Map(), vary: [], caching: undefined, clearsCache: false },
    filled: undefined,
    isSent: false,
    key: undefined,
  }
}

/**
 * Whether the event is inside a cached handler. There is no API for this. A cached handler removes all headers except
 * those in its key, and runs with a new platform request that has the `runtime` of the original one.
 */
export function isNarrowed({ req }: NextEvent, { request }: Exchange): boolean {
  if (req === request || !isCacheable(req)) return false
  return (Object.hasOwn(req, 'runtime') && req.headers !== request.headers)
    || [...request.headers.keys()].some(name => name !== 'host' && !req.headers.has(name))
}

/** Whether a cached handler uses its cache for the request. */
export function isCacheable({ method, headers }: NextRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && !headers.has('range')
}

/** Adds the session headers to a final response. */
export function applyAnswer({ headers }: Response, { cookies, headers: others, vary, caching, clearsCache }: Exchange['answer']): void {
  for (const line of missingLines(headers.getSetCookie(), cookies)) headers.append('set-cookie', line)
  for (const [name, value] of others) headers.set(name, value)
  const varyLine = vary.length > 0 ? completeVary(headers.get('vary') ?? undefined, vary) : undefined
  if (varyLine !== undefined) headers.set('vary', varyLine)
  const cacheLine = caching && stricterCacheControl(headers.get('cache-control') ?? undefined, caching)
  if (cacheLine !== undefined) headers.set('cache-control', cacheLine)
  const clearing = clearsCache ? clearingCache(headers.get('clear-site-data') ?? undefined) : undefined
  if (clearing !== undefined) headers.set('clear-site-data', clearing)
}

/** Whether the client has closed the connection before the response. Only Node reports that. */
export function isAbandoned({ req }: NextEvent): boolean {
  const response = req.runtime?.node?.res
  return response?.closed === true && !response.headersSent
}

/** Calls a function at the end of the response. Only Node reports the end of a stream. */
export function whenEnded({ req }: NextEvent, then: () => void): void {
  const response = req.runtime?.node?.res
  if (response && !response.closed) response.once('close', then)
  else then()
}
