import { parse } from 'cookie-es'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { FilledEntry } from '../../core/session/cached-routes/filled-entry'
import type { CachedRequest, ResponseCache } from '../../core/session/cached-routes/response-cache'
import { ByName } from '../../core/session/state'
import { linkExchange } from './event'
import type { CacheRule, Exchange, NextEvent } from './event'

/** Key of an event's staged response in h3 2. */
const STAGED = Symbol.for('h3.internal.event.res')

/**
 * The cache of a cached handler of ocache, with Nitro 3 or h3 alone, while it fills an entry. If its key cannot be
 * computed, it counts as shared by all visitors.
 */
export class HandlerCache extends FilledEntry implements ResponseCache {
  readonly incoming: CachedRequest

  constructor(private readonly event: NextEvent, private readonly exchange: Exchange, private readonly rule: CacheRule | undefined) {
    super()
    const { request: { headers }, answer } = exchange
    this.incoming = {
      requestHeader: name => headers.get(name) ?? undefined,
      requestCookies: () => parse(headers.get('cookie') ?? '') as Record<string, string>,
      setCookies: () => answer.cookies,
    }
    onStagedTaken(exchange.event, () => this.describe())
  }

  async isSameEntry(header: string, value: string): Promise<boolean> {
    const { event, exchange, rule } = this
    if (exchange.request.headers.has(header) && !event.req.headers.has(header)) return true
    const computed = Promise.all([keysFor(exchange, rule), keysFor(exchange, rule, header, value)])
    // A key that cannot be computed does not separate visitors.
    return computed.then(([keys, others]) => keys.length === 0 || keys.some((key, index) => key === others[index]), () => true)
  }

  /** ocache sends `Vary` itself. */
  vary(): void {}

  override describe(): void {
    const { headers } = this.exchange.event.res
    if (this.owners.size > 0) headers.set(OWNERS_HEADER, formatOwners(this.owners.values()))
    if (this.isForbidden) headers.set('cache-control', 'no-store')
  }
}

/**
 * Calls `stage` after h3 has taken an event's staged headers for a response. With `swr`, an event has two responses: the
 * stale one that is sent, and the new entry, which needs the headers too.
 */
function onStagedTaken(event: NextEvent, stage: () => void): void {
  let staged = (event as { [STAGED]?: unknown })[STAGED]
  Object.defineProperty(event, STAGED, {
    configurable: true,
    get: () => staged,
    set(value: unknown) {
      staged = value
      if (value === undefined) stage()
    },
  })
}

/**
 * The cache keys of a request that can be computed, or of the same request with another value in one header: by the
 * rule, and of a cached handler that is the route's handler.
 */
async function keysFor(exchange: Exchange, rule: CacheRule | undefined, header?: string, value?: string): Promise<string[]> {
  const copy = () => copyEvent(exchange, header, value)
  const handler = exchange.context.matchedRoute?.handler
  return [
    ...rule ? [await keyByRule(copy(), rule)] : [],
    ...handler?.resolveKeys ? [(await handler.resolveKeys(copy())).join(' ')] : [],
  ]
}

/** The key as ocache computes it: the app's `getKey`, else the headers and cookies of the rule. */
async function keyByRule(event: NextEvent, { getKey, varies = [], allowCookies = [] }: CacheRule): Promise<string> {
  const own = await getKey?.(event)
  if (own) return String(own)
  const { headers } = event.req
  const names = varies.map(name => name.toLowerCase()).filter(name => name !== 'cookie' || allowCookies.length === 0)
  const cookies = (headers.get('cookie') ?? '').split(';').map(pair => pair.trim())
  const isAllowed = (pair: string) => allowCookies.some(name => pair.startsWith(`${name.trim()}=`))
  return JSON.stringify([...names.map(name => headers.get(name)), ...cookies.filter(isAllowed)])
}

/**
 * Copies an event, so that `getKey` cannot change the request or its response. The copy has the loaded sessions, cannot
 * send anything, and is in no cached handler.
 */
function copyEvent({ event, request, outer, states }: Exchange, header?: string, value?: string): NextEvent {
  const headers = new Headers(request.headers)
  if (header !== undefined && value !== undefined) headers.set(header, value)
  const req = Object.assign(new Request(request.url, { method: request.method, headers }), request.runtime && { runtime: request.runtime })
  const sessions = event.context.sessions && Object.assign(new ByName(), event.context.sessions)
  const context = { ...event.context, sessions, routeRules: undefined }
  const copy = Object.assign(Object.create(Object.getPrototypeOf(event)), { req, context, url: event.url }) as NextEvent
  const exchange = linkExchange(copy, outer)
  Object.assign(exchange.states, states)
  exchange.isSent = true
  return copy
}
