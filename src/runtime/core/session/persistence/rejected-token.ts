import { SessionError } from '../../model/errors'
import { isAlive } from '../../store/record'
import type { SessionContext } from '../context'
import { loadBinding } from './stored-session'
import type { StoredContext } from './stored-session'

/**
 * Before a write in a request whose token was rejected: it would overwrite the cookie of a newer login, or of a session
 * whose key the next request can prove. A login is allowed and starts a new session, because the response with the new id
 * may not have reached the browser.
 * @throws SESSION_CONFLICT
 */
export function assertNotReplaced({ state: { unchecked, isCommitted, isCleared, tombstone } }: SessionContext, isLogin: boolean): void {
  if (isLogin) return
  if (unchecked instanceof SessionError && !isCommitted && !isCleared) throw unchecked
  if (tombstone?.dead !== 'superseded') return
  throw new SessionError('SESSION_CONFLICT',
    'the id of this request\'s session was replaced by a new one, at a login or by regenerate(). Nothing was written. The next request has the new id; regenerate({ userId }) starts a new login.')
}

/**
 * The key of the newest id of a session that a request with an earlier one may end. If the session is bound to a browser's
 * key, the request must prove it; else `undefined`.
 */
export async function newestToEnd(context: StoredContext, successor: string): Promise<string | undefined> {
  const { store } = context
  const newest = await store.newest(successor)
  const found = await store.get(newest)
  const device = isAlive(found) ? found.record.device : undefined
  if (device === undefined) return newest
  const { proofOf } = await loadBinding()
  return 'failure' in await proofOf(context, newest, device) ? undefined : newest
}
