import { carryingHeader, readToken } from './carried-token'
import type { Carrier } from './carrier'
import type { SessionContext } from './context'
import { responseValue } from './cookies'
import { sessionKey } from './response-cache'
import type { EntryOwner, ResponseCache } from './response-cache'

/** Names the session's owner in the entry of each cache that keeps the response. On most routes there is none. */
export function describeEntries(context: SessionContext): void {
  for (const cache of context.carrier.caches()) describeEntry(cache, context)
}

function describeEntry(cache: ResponseCache, context: SessionContext): void {
  const { env, carrier, config, state } = context
  if (config.cacheHeaders) cache.vary(config.vary)
  if (state.isAnonymous) return
  if (isReplaced(cache, context)) cache.forbid()
  const { name, cacheHeaders } = config
  const header = carryingHeader(carrier, config)
  // Once per entry: each getter of the session comes here, too.
  if (state.isNew || cache.owners.has(sessionKey(header, name))) return
  const token = readToken(cache.came, config)?.value
  if (token !== undefined) addOwner(cache, { header, name, hash: env.hash(token), isPrivate: cacheHeaders })
}

/** Names an entry's owner in the entry of the cached route that asked for it. */
export function passOnOwner(carrier: Pick<Carrier, 'caches'>, owner: EntryOwner): void {
  for (const cache of carrier.caches()) {
    if (owner.isPrivate) cache.vary([owner.header])
    addOwner(cache, owner)
  }
}

function addOwner(cache: ResponseCache, owner: EntryOwner): void {
  if (!cache.owners.has(sessionKey(owner.header, owner.name))) cache.keepFor(owner)
}

/** Whether this response replaces the token of the request, by which the entry would be kept. */
function isReplaced({ came }: ResponseCache, { config: { cookie, name } }: SessionContext): boolean {
  return cookie !== false && responseValue(came.setCookies(), name, cookie) !== undefined
}
