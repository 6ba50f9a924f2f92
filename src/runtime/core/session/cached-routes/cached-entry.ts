import { tokenHeader, readToken } from '../carried-token'
import type { Transport } from '../transport'
import type { SessionContext } from '../context'
import { responseValue } from '../../cookie/set-cookie'
import { sessionKey } from './response-cache'
import type { EntryOwner, ResponseCache } from './response-cache'

/** Names the session's owner in the entry of each cache that keeps the response. On most routes there is none. */
export function describeEntries(context: SessionContext): void {
  for (const cache of context.transport.caches()) describeEntry(cache, context)
}

function describeEntry(cache: ResponseCache, context: SessionContext): void {
  const { env, transport, config, state } = context
  if (config.cacheHeaders) cache.vary(config.vary)
  if (state.isAnonymous) return
  if (isReplaced(cache, context)) cache.forbid()
  const { name, cacheHeaders } = config
  const header = tokenHeader(transport, config)
  // Once per entry: each getter of the session comes here, too.
  if (state.isNew || cache.owners.has(sessionKey(header, name))) return
  const token = readToken(cache.incoming, config)?.value
  if (token !== undefined) addOwner(cache, { header, name, hash: env.hash(token), isPrivate: cacheHeaders })
}

/** Names an entry's owner in the entry of the cached route that asked for it. */
export function passOnOwner(transport: Pick<Transport, 'caches'>, owner: EntryOwner): void {
  for (const cache of transport.caches()) {
    if (owner.isPrivate) cache.vary([owner.header])
    addOwner(cache, owner)
  }
}

function addOwner(cache: ResponseCache, owner: EntryOwner): void {
  if (!cache.owners.has(sessionKey(owner.header, owner.name))) cache.keepFor(owner)
}

/** Whether this response replaces the token of the request, by which the entry would be kept. */
function isReplaced({ incoming }: ResponseCache, { config: { cookie, name } }: SessionContext): boolean {
  return cookie !== false && responseValue(incoming.setCookies(), name, cookie) !== undefined
}
