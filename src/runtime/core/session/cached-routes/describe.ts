import type { SessionContext } from '../context'
import { responseValue } from '../../cookie/cookies'
import { REGISTRATION_MS } from '../../model/lifetimes'
import { readToken, tokenHeader } from '../token'
import { sessionKey } from './response-cache'

/** Adds the session's owner to the entry of each cache that stores the response. */
export function describeEntries({ env, transport, config, state }: SessionContext): void {
  const { name, cookie, cacheHeaders } = config
  for (const cache of transport.caches()) {
    if (cacheHeaders) cache.vary(config.vary)
    if (state.isAnonymous) continue
    if (isServedWithoutProof({ env, config, state })) cache.forbid()
    // This response replaces the request's token, so the entry would have an outdated owner.
    if (cookie !== false && responseValue(cache.incoming.setCookies(), name, cookie) !== undefined) cache.forbid()
    const header = tokenHeader(transport, config)
    // Once per entry, since each getter of the manager calls this.
    if (state.isNew || cache.owners.has(sessionKey(header, name))) continue
    const token = readToken(cache.incoming, config)?.value
    if (token !== undefined) cache.addOwner({ header, name, hash: env.hash(token), isPrivate: cacheHeaders })
  }
}

/** Whether an entry would be served after the end of the proof, or after the browser has registered its key. */
function isServedWithoutProof({ env, config, state: { record } }: Pick<SessionContext, 'env' | 'config' | 'state'>): boolean {
  if (record.device !== undefined) return true
  return config.deviceBound !== undefined && record.userId !== undefined && env.now() - record.createdAt < REGISTRATION_MS
}
