import { isStored } from './context'
import type { SessionContext } from './context'
import { SessionError } from '../model/errors'
import { assertBegun, assertPrivate } from './cached-routes/private'

const REFUSALS = {
  'readonly': ['SESSION_READONLY', 'a session cannot be written where no response carries its cookie. Write it in an HTTP route.'],
  'headers-sent': ['SESSION_HEADERS_SENT', 'the response\'s headers went out before this write. Write the session before the first byte of the body.'],
  'prerender': ['SESSION_CACHED_ROUTE', 'a session was written while prerendering, where one page is made for all visitors. Write it in a route that is not prerendered.'],
} as const

/**
 * Refuses a write that its response cannot carry. What lies in a store already needs none.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertWritable(context: SessionContext): void {
  assertBegun(context)
  assertPrivate(context)
  if (context.state.stored && context.carrier.writeRefusal() !== 'prerender') return
  assertAnswerable(context)
}

/**
 * Refuses an end that its response cannot carry. What is dead needs none.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertClearable(context: SessionContext): void {
  if (isStored(context) && context.state.isSilent) assertPrivate(context)
  else assertWritable(context)
}

/**
 * Refuses a write of an id that was replaced: it would overwrite the cookie of the newer login. A login begins a
 * session of its own, for a browser to which the answer with the new id never came.
 * @throws SESSION_CONFLICT
 */
export function assertNotReplaced(context: SessionContext, isLogin: boolean): void {
  if (isLogin || !isStored(context) || context.state.tombstone !== 'superseded') return
  throw new SessionError('SESSION_CONFLICT',
    'the id of this request\'s session was replaced by a new one, at a login or by regenerate(). Nothing was written. The next request has the new id; regenerate({ userId }) logs in anew.')
}

/**
 * Refuses a new token that the response cannot carry.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertAnswerable({ carrier, config, state }: SessionContext): void {
  const refusal = carrier.writeRefusal()
  if (refusal === undefined) return
  // With no cookie and no header to answer with, a late write needs no response.
  if (refusal === 'headers-sent' && config.cookie === false && state.origin !== 'header') return
  const [code, message] = REFUSALS[refusal]
  throw new SessionError(code, message)
}
