import { SessionError } from '../model/errors'
import type { RejectReason } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SessionContext } from './context'
import { commitHookWrites } from './transaction'

/**
 * Renews a session on a read if a `session:load` hook changed it, or if an idle renewal, a new seal after a password
 * rotation, or a migration is due. Returns the reason if the session has ended.
 */
export function renew(context: SessionContext): MaybePromise<RejectReason | undefined> {
  const { transport, state } = context
  // A client that sends a header may ignore the response's header.
  const canSendToken = state.transport === 'cookie' && transport.writeRefusal() === undefined
  return state.isDirty ? commit(context, 'update') : context.persistence.renew(context, canSendToken, commit)
}

/** A failed renewal does not fail the read. If the session has ended, the read gets the reason. */
function commit(context: SessionContext, kind: 'update' | 'renew'): Promise<RejectReason | undefined> {
  return commitHookWrites(context, kind).catch((error: unknown) => {
    const rejection = context.persistence.rejectionOf(context, error)
    if (rejection === undefined && kind === 'update') throw error
    if (rejection === undefined) ignoreRenewalError(context, error)
    return rejection
  })
}

/** Ignores the error of a renewal that is too large, too late or not serializable. Throws every other error. */
export function ignoreRenewalError({ config, env }: SessionContext, error: unknown): void {
  const code = error instanceof SessionError ? error.code : undefined
  if (code === 'SESSION_HEADERS_SENT' || code === 'SESSION_NOT_SERIALIZABLE') return
  if (code !== 'SESSION_TOO_LARGE') throw error
  env.warnOnce(`The session "${config.name}" could not be renewed: it is larger than cookie.maxBytes allows now.`)
}
