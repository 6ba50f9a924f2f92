import { ByName } from '../shared/by-name'
import type { CacheRule, NextContext, NextEvent } from './event'
import { linkExchange } from './exchange'
import type { Exchange } from './exchange'

/** A cached handler of ocache, where it is the route's handler itself. */
interface CachedHandler { resolveKeys?: (event: NextEvent) => Promise<readonly string[]> }

const RULE = Symbol.for('nuxt-h3-session.cache-rule')

/** Says by what a cached handler keeps the answer to the request that it gave to its handler. */
export function setCacheRule({ req }: NextEvent, rule: CacheRule): void {
  Object.assign(req, { [RULE]: rule })
}

/** What {@link sayCacheRule} said of a request. */
export function cacheRuleOf({ req }: NextEvent): CacheRule | undefined {
  return (req as { [RULE]?: CacheRule })[RULE]
}

/** Returns the cache key of a request. */
export type KeyOf = (event: NextEvent) => Promise<unknown>

/** The keys that can be asked: that of a rule or of Nitro's cached handler, and that of a cached handler of ocache that is the route's own handler. */
export function checkableKeys({ matchedRoute }: NextContext, rule: CacheRule | undefined): KeyOf[] {
  const handler = (matchedRoute as { handler?: CachedHandler } | undefined)?.handler
  return [
    ...rule ? [(event: NextEvent) => keyByRule(event, rule)] : [],
    ...typeof handler?.resolveKeys === 'function' ? [async (event: NextEvent) => (await handler.resolveKeys!(event)).join(' ')] : [],
  ]
}

/** Whether a request, and the same request with `value` in this header, have the same key. */
export async function isSameKey(keyOf: KeyOf, exchange: Exchange, header: string, value: string): Promise<boolean> {
  const [own, other] = await Promise.all([keyOf(copyEvent(exchange)), keyOf(copyEvent(exchange, header, value))])
  return own === other
}

/** As ocache makes it: the app's own key, else one of the headers and cookies that the rule names. */
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
 * A copy of an event, so that `getKey` cannot change the request or its response. A copy has the sessions that were
 * loaded before, cannot send anything, and is in no cached handler.
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
