import { ByName } from '../../core/session/state'
import type { CacheRule, NextContext, NextEvent, Exchange } from './event'
import { linkExchange } from './event'

/** A cached handler of ocache as the route's handler. */
interface CachedHandler { resolveKeys?: (event: NextEvent) => Promise<readonly string[]> }

const RULE = Symbol.for('nuxt-h3-session.cache-rule')

/** Sets the rule by which a cached handler stores the response to a request. */
export function setCacheRule({ req }: NextEvent, rule: CacheRule): void {
  Object.assign(req, { [RULE]: rule })
}

/** The rule from {@link setCacheRule}. */
export function cacheRuleOf({ req }: NextEvent): CacheRule | undefined {
  return (req as { [RULE]?: CacheRule })[RULE]
}

/** Returns the cache key of a request. */
export type KeyOf = (event: NextEvent) => Promise<unknown>

/** The cache keys that can be computed: of a rule, of Nitro's cached handler, and of a cached handler that is the route's handler. */
export function checkableKeys({ matchedRoute }: NextContext, rule: CacheRule | undefined): KeyOf[] {
  const handler = (matchedRoute as { handler?: CachedHandler } | undefined)?.handler
  return [
    ...rule ? [(event: NextEvent) => keyByRule(event, rule)] : [],
    ...typeof handler?.resolveKeys === 'function' ? [async (event: NextEvent) => (await handler.resolveKeys!(event)).join(' ')] : [],
  ]
}

/** Whether a request has the same key with `value` in this header. */
export async function isSameKey(keyOf: KeyOf, exchange: Exchange, header: string, value: string): Promise<boolean> {
  const [own, other] = await Promise.all([keyOf(copyEvent(exchange)), keyOf(copyEvent(exchange, header, value))])
  return own === other
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
