import type { RejectReason } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SessionContext } from './context'
import { ignoreRenewalError } from './response'
import { commitUnchanged, commitHookWrites } from './transaction'

/**
 * Commits on a read if a `session:load` hook changed the session, or if a renewal, a new seal or a migration is due.
 * @returns the reason if the session has ended
 */
export function renew(context: SessionContext): MaybePromise<RejectReason | undefined> {
  const { transport, state } = context
  // A client that sends a header may ignore the response's header.
  const canSendToken = state.origin === 'cookie' && transport.writeRefusal() === undefined
  const write = (kind: 'update' | 'renew') => commit(context, kind)
  return state.isDirty ? write('update') : context.persistence.renew(context, canSendToken, write)
}

/** A failed renewal does not fail the read. If the session has ended, the read gets the reason. */
async function commit(context: SessionContext, kind: 'update' | 'renew'): Promise<RejectReason | undefined> {
  try {
    await (kind === 'update' ? commitHookWrites(context) : commitUnchanged(context))
    return undefined
  }
  catch (error) {
    const rejection = context.persistence.rejectionOf(context, error)
    if (rejection === undefined && kind === 'update') throw error
    if (rejection === undefined) ignoreRenewalError(context, error)
    return rejection
  }
}
