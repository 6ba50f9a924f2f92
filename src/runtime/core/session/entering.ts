import { assertNotNewInCache, assertPrivate } from './cached-routes/private'
import type { SessionContext } from './context'
import { SessionError } from '../model/errors'
import { assertCanSend } from './guards'
import { persistenceOf } from './persistence/modes'

/**
 * Asserts that a write is possible. Only a session that is not in a store yet needs a response.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertWritable(context: SessionContext): void {
  assertNotNewInCache(context)
  assertPrivate(context)
  if (!persistenceOf(context).isStored(context)) assertCanSend(context)
}

/**
 * Asserts that `clear()` is possible. A session with a tombstone needs no response.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertClearable(context: SessionContext): void {
  if (persistenceOf(context).canEndIds && context.state.hasTombstone) assertPrivate(context)
  else assertWritable(context)
}

/**
 * Asserts that the id was not replaced: a write would overwrite the cookie of the newer login. A login is allowed, and
 * starts a new session, since the response with the replaced id may not have reached the browser.
 * @throws SESSION_CONFLICT
 */
export function assertNotReplaced(context: SessionContext, isLogin: boolean): void {
  if (isLogin || !persistenceOf(context).canEndIds || context.state.tombstone !== 'superseded') return
  throw new SessionError('SESSION_CONFLICT',
    'the id of this request\'s session was replaced by a new one, at a login or by regenerate(). Nothing was written. The next request has the new id; regenerate({ userId }) logs in anew.')
}
