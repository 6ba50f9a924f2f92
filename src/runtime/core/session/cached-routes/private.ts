import type { Transport } from '../transport'
import { isFromRequest, readToken, tokenHeader } from '../token'
import type { TokenConfig } from '../token'
import type { SessionContext } from '../context'
import { SessionError } from '../../model/errors'
import type { MaybePromise } from '../../utils/maybe-promise'
import { headerWithToken, otherVisitorsHeader } from './other-visitor'
import { sessionKey } from './response-cache'
import type { EntryOwner, ResponseCache } from './response-cache'
import { responseValue } from '../../cookie/cookies'

/** Returns another token with the same content; `undefined` if the token is rejected. */
export type CreateTwin = (token: string) => MaybePromise<string | undefined>

/**
 * Checks that the key of each cache that stores the response separates visitors by session. Most routes have no cache.
 * @throws SESSION_CACHED_ROUTE
 */
export async function checkCaches(transport: Transport, config: TokenConfig, createTwin?: CreateTwin): Promise<void> {
  const header = tokenHeader(transport, config)
  const key = sessionKey(header, config.name)
  for (const cache of transport.caches()) {
    if (isForeign(cache, transport, config)) throw sharedEntry(config, header)
    const isShared = cache.checked.get(key) ?? await checkKey(cache, header, config, createTwin)
    cache.checked.set(key, isShared)
    if (isShared) throw sharedEntry(config, header)
  }
}

/** Whether the request uses another token than the cached request, whose key then does not cover it. */
function isForeign({ incoming }: ResponseCache, transport: Transport, config: TokenConfig): boolean {
  const token = readToken(transport, config)?.value
  const isUsed = token !== undefined || isFromRequest(transport.states[config.name])
  return isUsed && token !== readToken(incoming, config)?.value
}

async function checkKey(cache: ResponseCache, header: string, config: TokenConfig, createTwin?: CreateTwin): Promise<boolean> {
  const { incoming } = cache
  if (await cache.isSameEntry(header, otherVisitorsHeader(incoming, header, config.name))) return true
  const token = readToken(incoming, config)?.value
  const twin = token === undefined ? undefined : await createTwin?.(token)
  // A key from the session's content, such as a role, is the same for all visitors with that role.
  return twin !== undefined && await cache.isSameEntry(header, headerWithToken(incoming, header, config.name, twin))
}

/** @throws SESSION_CACHED_ROUTE if a cached handler stores the response and its key does not separate visitors */
export function assertPrivate(context: SessionContext): void {
  const { transport, config, state } = context
  const caches = transport.caches()
  if (caches.length === 0 || state.isAnonymous) return
  assertNotNewInCache(context)
  const header = tokenHeader(transport, config)
  const key = sessionKey(header, config.name)
  if (caches.some(cache => cache.checked.get(key) !== false)) throw sharedEntry(config, header)
}

/** @throws SESSION_CACHED_ROUTE if a session would start in a cached handler */
export function assertNotNewInCache(context: SessionContext): void {
  if (!isNewInCache(context)) return
  throw new SessionError('SESSION_CACHED_ROUTE',
    `the session "${context.config.name}" would start in a cached route. All visitors without a session get the same cached response. Start the session in a route without cache or isr rules. A cached route can use and write an existing session.`)
}

/** Whether the session starts inside a cached handler. The hooks of a rejected token may use such a session. */
export function isNewInCache({ env, transport, state }: SessionContext): boolean {
  const isNew = state.isAnonymous || (state.isNew && !state.isCleared)
  return isNew && transport.caches().length > 0 && !env.scope.isInside(state)
}

export function sharedEntry({ name }: Pick<TokenConfig, 'name'>, header: string): SessionError {
  const [varies, key] = header === 'cookie' ? ['"cookie"', `the cookie "${name}"`] : [`"${header}"`, `the header "${header}"`]
  return new SessionError('SESSION_CACHED_ROUTE',
    `the session "${name}" was used in a cached route whose key does not separate visitors. One visitor's response would be served to others. Use the session in a route without cache or isr rules, or add ${varies} to the "varies" of the cached handler. If the handler has a "getKey", which replaces "varies", return a key that also contains ${key}.`)
}

/** Adds the session's owner to the entry of each cache that stores the response. Most routes have none. */
export function describeEntries({ env, transport, config, state }: SessionContext): void {
  const { name, cookie, cacheHeaders } = config
  for (const cache of transport.caches()) {
    if (cacheHeaders) cache.vary(config.vary)
    if (state.isAnonymous) continue
    // This response replaces the request's token, so the entry would have an outdated owner.
    if (cookie !== false && responseValue(cache.incoming.setCookies(), name, cookie) !== undefined) cache.forbid()
    const header = tokenHeader(transport, config)
    // Once per entry, since each getter of the manager calls this.
    if (state.isNew || cache.owners.has(sessionKey(header, name))) continue
    const token = readToken(cache.incoming, config)?.value
    if (token !== undefined) cache.addOwner({ header, name, hash: env.hash(token), isPrivate: cacheHeaders })
  }
}

/** Adds an entry's owner to the entry of the outer cached route. */
export function copyOwner(transport: Pick<Transport, 'caches'>, owner: EntryOwner): void {
  for (const cache of transport.caches()) {
    if (owner.isPrivate) cache.vary([owner.header])
    if (!cache.owners.has(sessionKey(owner.header, owner.name))) cache.addOwner(owner)
  }
}
