import type { RejectReason } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SessionContext } from './context'
import { persistenceOf } from './persistence/modes'
import { ignoreRenewalError } from './response'
import { commitUnchanged, commitHookWrites } from './transaction'

/**
 * The one place that decides whether a read also writes: what a `session:load` hook changed, the idle time, a seal of
 * an older password, a move into the store.
 *
 * @returns why there is no session any more, if so
 */
export function renew(context: SessionContext): MaybePromise<RejectReason | undefined> {
  const { transport, state } = context
  // Who sends a header may not look at the response's.
  const canSendToken = state.origin === 'cookie' && transport.writeRefusal() === undefined
  const write = (kind: 'update' | 'renew') => commit(context, kind)
  return state.isDirty ? write('update') : persistenceOf(context).renew(context, canSendToken, write)
}

/** A read does not fail by its renewal, and a session that ended meanwhile is none. */
async function commit(context: SessionContext, kind: 'update' | 'renew'): Promise<RejectReason | undefined> {
  try {
    await (kind === 'update' ? commitHookWrites(context) : commitUnchanged(context))
    return undefined
  }
  catch (error) {
    const rejection = persistenceOf(context).rejectionOf(context, error)
    if (rejection === undefined && kind === 'update') throw error
    if (rejection === undefined) ignoreRenewalError(context, error)
    return rejection
  }
}
