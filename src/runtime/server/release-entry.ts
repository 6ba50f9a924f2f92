import { checkCaches } from '../core/session/cached-routes/check'
import { sharedEntry } from '../core/session/cached-routes/private'
import { copyOwner, isOwner, OWNERS_HEADER, parseOwners } from '../core/session/cached-routes/entry-owner'
import { SessionError } from '../core/model/errors'
import type { SessionEvent } from '../adapters/shared/event'
import { useEnvironment } from './environment'
import { sessionTransportOf } from './open'

/**
 * Checks a new or stored cache entry before it is served. `owners` is the entry's header with the visitors whose
 * sessions it contains, and `vary` the names in its `Vary` header.
 * @throws SESSION_CACHED_ROUTE if another visitor's session is in the entry, or `owners` cannot be read
 */
export async function releaseEntry(event: SessionEvent, owners: string, vary: readonly string[] = []): Promise<void> {
  const { hash, host } = useEnvironment()
  const parsed = parseOwners(owners)
  if (!parsed) throw new SessionError('SESSION_CACHED_ROUTE', `the owner of the session in a cache entry is unknown: its header "${OWNERS_HEADER}" cannot be read. Delete the entry, and let nothing else set this header.`)
  for (const owner of parsed) {
    const { header, name, isPrivate } = owner
    const place = { name, sessionHeader: header === 'cookie' ? false : header, cookie: header === 'cookie' } as const
    const transport = sessionTransportOf(event, place, host)
    if (!isOwner(transport, owner, hash)) throw sharedEntry(owner, header)
    // The route that requested the entry may be cached too.
    await checkCaches(transport, place)
    if (isPrivate) transport.markPrivate([...new Set([header === 'cookie' ? 'Cookie' : header, ...vary])])
    copyOwner(transport, owner)
  }
}
