import type { Transport } from '../../core/session/transport'
import { missingLines } from '../../core/cookie/set-cookie'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { ByName } from '../shared/by-name'
import { completeVary, stricterCacheControl } from '../shared/cache-values'
import type { CacheDirective } from '../shared/cache-values'
import type { NextContext, NextEvent, NextRequest } from './event'

const EXCHANGE = Symbol.for('nuxt-h3-session.exchange')

/** What sessions add to a response. h3 drops staged headers when an error handler answers, and a cache its cookies. */
export interface SessionAnswer {
  cookies: readonly string[]
  headers: Map<string, string>
  vary: readonly string[]
  caching: CacheDirective | undefined
}

/** A request and its response, however many events are made of it: Nuxt renders its pages with an event of their own. */
export interface Exchange {
  readonly context: NextContext
  /** Whose response h3 sends. */
  readonly event: NextEvent
  /** As it came; a cached handler sees less of it. */
  readonly request: NextRequest
  /** The exchange that the app was in when it made this request to itself. */
  readonly outer: Exchange | undefined
  readonly states: Transport['states']
  readonly answer: SessionAnswer
  /** The cache of the cached handler that runs, and the request that it left to the handler. */
  filled: { of: NextRequest, cache: ResponseCache } | undefined
  isSent: boolean
  /** By which requests of the app to itself say that they are part of it. */
  key: string | undefined
}

/** The exchange that an event is part of. */
export function exchangeOf(event: NextEvent): Exchange {
  const { context } = event
  const found = context[EXCHANGE] as Exchange | undefined
  if (found?.context === context) return found
  // Whose context was copied, and with it the sessions that h3's own functions look for.
  if (found && context.sessions === found.context.sessions) context.sessions = undefined
  return linkExchange(event, found)
}

/** Begins the exchange of a request that the app makes to itself while it answers another one. */
export function linkExchange(event: NextEvent, outer: Exchange | undefined): Exchange {
  const exchange: Exchange = {
    context: event.context,
    event,
    request: event.req,
    outer,
    states: new ByName(),
    answer: { cookies: [], headers: new Map(), vary: [], caching: undefined },
    filled: undefined,
    isSent: false,
    key: undefined,
  }
  event.context[EXCHANGE] = exchange
  return exchange
}

/**
 * Whether the event's handler runs inside a cached one, which takes away all request headers but those that it keeps
 * apart by, and tells nothing else of itself. It makes a request of the platform's own and gives it what the server
 * has added to the one that came, so that it is known also if nothing was there to be taken away.
 */
export function isNarrowed({ req }: NextEvent, { request }: Exchange): boolean {
  if (req === request || !isCacheable(req)) return false
  return (Object.hasOwn(req, 'runtime') && req.headers !== request.headers)
    || [...request.headers.keys()].some(name => name !== 'host' && !req.headers.has(name))
}

/** Whether a cached handler answers it from its cache. */
export function isCacheable({ method, headers }: NextRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && !headers.has('range')
}

/** Puts into a response what sessions add to it, whatever the app or an error handler made of it. */
export function applyAnswer({ headers }: Response, { cookies, headers: others, vary, caching }: SessionAnswer): void {
  for (const line of missingLines(headers.getSetCookie(), cookies)) headers.append('set-cookie', line)
  for (const [name, value] of others) headers.set(name, value)
  const varyLine = vary.length > 0 ? completeVary(headers.get('vary') ?? undefined, vary) : undefined
  if (varyLine !== undefined) headers.set('vary', varyLine)
  const cacheLine = caching && stricterCacheControl(headers.get('cache-control') ?? undefined, caching)
  if (cacheLine !== undefined) headers.set('cache-control', cacheLine)
}
