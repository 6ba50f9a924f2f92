import { sealText, unsealToken } from '../../seal/seal'
import type { ResolvedConfig } from '../../config/types'
import type { Transport } from '../transport'
import { isFromRequest, readToken, tokenHeader } from '../token'
import type { TokenConfig } from '../token'
import { headerWithToken, otherVisitorsHeader } from './other-visitor'
import { sharedEntry } from './private'
import { sessionKey } from './response-cache'
import type { ResponseCache } from './response-cache'

/** Returns another token with the same content; `undefined` if the token is rejected. */
type CreateTwin = (token: string) => Promise<string | undefined>

/** As {@link checkCaches}, and a key from the session's content, such as a role, does not separate visitors. */
export function checkSessionCaches(transport: Transport, config: ResolvedConfig, now: number): Promise<void> {
  return checkCaches(transport, config, token => createTwin(token, config, now))
}

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

async function createTwin(token: string, config: ResolvedConfig, now: number): Promise<string | undefined> {
  const opened = await unsealToken(token, config, now)
  return opened.ok ? sealText(opened.text, opened.expiration, config, now) : undefined
}
