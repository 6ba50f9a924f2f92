import type { Transport } from '../transport'
import { tokenHeader, isFromRequest, readToken } from '../carried-token'
import type { TokenConfig } from '../carried-token'
import type { SessionContext } from '../context'
import { SessionError } from '../../model/errors'
import type { MaybePromise } from '../../utils/maybe-promise'
import { headerWithToken, otherVisitorsHeader } from './other-visitor'
import { sessionKey } from './response-cache'
import type { EntryOwner, ResponseCache } from './response-cache'

/**
 * Asks each cache that keeps the response whether its key keeps visitors apart by their sessions. On most routes there
 * is none, and `undefined` is returned.
 *
 * @throws SESSION_CACHED_ROUTE
 */
export function checkCaches(transport: Transport, config: TokenConfig, reseal?: Reseal): Promise<void> | undefined {
  const caches = transport.caches()
  return caches.length === 0 ? undefined : checkAll(caches, transport, config, reseal)
}

/** Seals what a token contains anew; `undefined` if it is rejected. */
export type Reseal = (token: string) => MaybePromise<string | undefined>

async function checkAll(caches: readonly ResponseCache[], transport: Transport, config: TokenConfig, reseal?: Reseal): Promise<void> {
  const header = tokenHeader(transport, config)
  for (const cache of caches) {
    if (isForeign(cache, transport, config) || await isShared(cache, header, config, reseal)) throw sharedEntry(config, header)
  }
}

/** Whether the request uses another session than the cached request brought: the key only covers that one. */
function isForeign({ incoming }: ResponseCache, transport: Transport, config: TokenConfig): boolean {
  const token = readToken(transport, config)?.value
  const isUsed = token !== undefined || isFromRequest(transport.states[config.name])
  return isUsed && token !== readToken(incoming, config)?.value
}

async function isShared(cache: ResponseCache, header: string, config: TokenConfig, reseal?: Reseal): Promise<boolean> {
  const key = sessionKey(header, config.name)
  const isShared = cache.known.get(key) ?? await checkKey(cache, header, config, reseal)
  cache.known.set(key, isShared)
  return isShared
}

async function checkKey(cache: ResponseCache, header: string, config: TokenConfig, reseal?: Reseal): Promise<boolean> {
  const { incoming } = cache
  if (await cache.isSharedWith(header, otherVisitorsHeader(incoming, header, config.name))) return true
  const token = readToken(incoming, config)?.value
  const twin = token === undefined ? undefined : await reseal?.(token)
  // A key that is made of what the session contains, such as a role, is the same for all visitors who have that in common.
  return twin !== undefined && await cache.isSharedWith(header, headerWithToken(incoming, header, config.name, twin))
}

/**
 * Refuses a session inside a cached handler whose key was not asked, or does not keep its visitor apart.
 * @throws SESSION_CACHED_ROUTE
 */
export function assertPrivate(context: SessionContext): void {
  const { transport, config, state } = context
  const caches = transport.caches()
  if (caches.length === 0 || state.isAnonymous) return
  assertNotNewInCache(context)
  const header = tokenHeader(transport, config)
  const key = sessionKey(header, config.name)
  if (caches.some(cache => cache.known.get(key) !== false)) throw sharedEntry(config, header)
}

/**
 * Refuses to begin a session inside a cached handler: all visitors without a session get the same entry.
 * @throws SESSION_CACHED_ROUTE
 */
export function assertNotNewInCache(context: SessionContext): void {
  if (!isNewInCache(context)) return
  throw new SessionError('SESSION_CACHED_ROUTE',
    `the session "${context.config.name}" would begin in a cached route, where all visitors without a session share one answer. Begin it in a route without cache or isr rules. A cached route can use and write the session that a request brings.`)
}

/** Whether the session begins inside a cached handler. The hooks of a rejected token may use such a session. */
export function isNewInCache({ env, transport, state }: SessionContext): boolean {
  const isBegun = state.isAnonymous || (state.isNew && !state.isCleared)
  return isBegun && transport.caches().length > 0 && !env.scope.isInside(state)
}

function sharedEntry({ name }: Pick<TokenConfig, 'name'>, header: string): SessionError {
  const [varies, key] = header === 'cookie' ? ['"cookie"', `the cookie "${name}"`] : [`"${header}"`, `the header "${header}"`]
  return new SessionError('SESSION_CACHED_ROUTE',
    `the session "${name}" was used in a cached route whose key does not keep visitors apart, so that one visitor's answer would be served to others. Use it in a route without cache or isr rules, or add ${varies} to the "varies" of the cached handler. If the handler has a "getKey", the cache takes that in place of "varies": let it return a key that contains ${key}, too.`)
}

/** The error for a visitor whose session is not the one in the entry. */
export function foreignEntry({ header, name }: EntryOwner): SessionError {
  return sharedEntry({ name }, header)
}
