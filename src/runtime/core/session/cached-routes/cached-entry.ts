import { readToken, tokenHeader } from '../carried-token'
import type { Transport } from '../transport'
import type { SessionContext } from '../context'
import { responseValue } from '../../cookie/set-cookie'
import { sessionKey } from './response-cache'
import type { EntryOwner, ResponseCache } from './response-cache'

/** Adds the session's owner to the entry of each cache that stores the response. Most routes have none. */
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
  // Once per entry, since each getter of the manager calls this.
  if (state.isNew || cache.owners.has(sessionKey(header, name))) return
  const token = readToken(cache.incoming, config)?.value
  if (token !== undefined) addOwnerOnce(cache, { header, name, hash: env.hash(token), isPrivate: cacheHeaders })
}

/** Adds an entry's owner to the entry of the outer cached route. */
export function copyOwner(transport: Pick<Transport, 'caches'>, owner: EntryOwner): void {
  for (const cache of transport.caches()) {
    if (owner.isPrivate) cache.vary([owner.header])
    addOwnerOnce(cache, owner)
  }
}

function addOwnerOnce(cache: ResponseCache, owner: EntryOwner): void {
  if (!cache.owners.has(sessionKey(owner.header, owner.name))) cache.addOwner(owner)
}

/** Whether this response replaces the request's token, so that the entry would have an outdated owner. */
function isReplaced({ incoming }: ResponseCache, { config: { cookie, name } }: SessionContext): boolean {
  return cookie !== false && responseValue(incoming.setCookies(), name, cookie) !== undefined
}
