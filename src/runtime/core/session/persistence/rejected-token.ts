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
 * The handle of the session's newest id, which a logout or login with a replaced one ends too; `undefined` if the id was
 * not replaced, or if the session is bound to a browser's key and the request does not prove it.
 */
export async function newestToEnd(context: StoredContext): Promise<string | undefined> {
  const { store, state } = context
  const successor = state.tombstone?.successor
  if (successor === undefined) return undefined
  const newest = await store.newest(successor)
  const found = await store.get(newest)
  const device = isAlive(found) ? found.record.device : undefined
  if (device === undefined) return newest
  const { proofOf } = await loadBinding()
  return 'failure' in await proofOf(context, newest, device) ? undefined : newest
}
