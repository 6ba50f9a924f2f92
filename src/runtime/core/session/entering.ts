import { assertNotNewInCache, assertPrivate } from './cached-routes/private'
import type { SessionContext } from './context'
import { SessionError } from '../model/errors'
import { assertCanSend } from './guards'
import { persistenceOf } from './persistence/modes'

/**
 * Refuses a write that its response cannot carry. What lies in a store already needs none.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertWritable(context: SessionContext): void {
  assertNotNewInCache(context)
  assertPrivate(context)
  if (!persistenceOf(context).isStored(context)) assertCanSend(context)
}

/**
 * Refuses an end that its response cannot carry. What is dead needs none.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertClearable(context: SessionContext): void {
  if (persistenceOf(context).canEndIds && context.state.hasTombstone) assertPrivate(context)
  else assertWritable(context)
}

/**
 * Refuses a write of an id that was replaced: it would overwrite the cookie of the newer login. A login begins a
 * session of its own, for a browser to which the answer with the new id never came.
 * @throws SESSION_CONFLICT
 */
export function assertNotReplaced(context: SessionContext, isLogin: boolean): void {
  if (isLogin || !persistenceOf(context).canEndIds || context.state.tombstone !== 'superseded') return
  throw new SessionError('SESSION_CONFLICT',
    'the id of this request\'s session was replaced by a new one, at a login or by regenerate(). Nothing was written. The next request has the new id; regenerate({ userId }) logs in anew.')
}
