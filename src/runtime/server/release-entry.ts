import { passOnOwner } from '../core/session/cached-routes/cached-entry'
import { isOwner, parseOwners } from '../core/session/cached-routes/entry-owner'
import { askCaches, foreignEntry } from '../core/session/cached-routes/private'
import type { SessionEvent } from '../adapters/shared/event'
import { useEnvironment } from './environment'
import { sessionCarrierOf } from './open'

/**
 * Checks an entry of a cache before it is served, whether a handler filled it now or for an earlier request.
 * `owners` is the value of its header: whose sessions it contains.
 *
 * @throws SESSION_CACHED_ROUTE if one is another visitor's
 */
export async function releaseEntry(event: SessionEvent, owners: string): Promise<void> {
  const { hash, host } = useEnvironment()
  for (const owner of parseOwners(owners)) {
    const { header, name, isPrivate } = owner
    const place = { name, sessionHeader: header === 'cookie' ? false : header, cookie: header === 'cookie' } as const
    const carrier = sessionCarrierOf(event, place, host)
    if (!isOwner(carrier, owner, hash)) throw foreignEntry(owner)
    // The route that asked for the entry may be cached, too.
    await askCaches(carrier, place)
    if (isPrivate) carrier.markPrivate([header === 'cookie' ? 'Cookie' : header])
    passOnOwner(carrier, owner)
  }
}
