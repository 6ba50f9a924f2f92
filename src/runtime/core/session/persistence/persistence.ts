import type { RejectReason } from '../../model/errors'
import type { MaybePromise } from '../../utils/maybe-promise'
import type { ActivityKind, SessionContext } from '../context'
import type { OpenedSession, Rejected, TokenResult } from '../token'
import type { MigratingState, StoredState } from './stored-state'

/** A session that was found, with the state of its persistence. */
export interface FoundSession extends OpenedSession {
  stored?: StoredState
  migrating?: MigratingState
}

/** The part of a context that finding a session needs. */
export type FindContext = Pick<SessionContext, 'config' | 'store'> & { env: Pick<SessionContext['env'], 'hash' | 'now'> }

/** Changes the session before its commit; returns `'skip'` to commit nothing. Runs again after a conflict. */
export type Prepare = () => MaybePromise<unknown>

/** How a session outlives its request. */
export interface Persistence {
  /** Whether an id can end before its token expires. */
  readonly canEndIds: boolean
  /** Finds the session of an opened token. */
  find: (context: FindContext, opened: TokenResult) => MaybePromise<FoundSession | Rejected>
  /** Whether the session is in a store, so that a write of its data needs no response. */
  isStored: (context: SessionContext) => boolean
  /** Seals the session into a token. The token of a stored session contains only its id. */
  seal: (context: SessionContext) => MaybePromise<string>
  /** Saves a change and sends the token if needed. If it throws, nothing has changed. */
  commit: (context: SessionContext, kind: ActivityKind, prepare: Prepare) => MaybePromise<unknown>
  /** Ends the session that `prepare` clears. */
  end: (context: SessionContext, prepare: Prepare) => MaybePromise<unknown>
  /**
   * Renews a session on a read, if that is due. `write` commits it in series with its other writes.
   * @returns the reason if the session has ended
   */
  renew: (context: SessionContext, canSendToken: boolean, write: (kind: 'update' | 'renew') => Promise<RejectReason | undefined>) =>
  MaybePromise<RejectReason | undefined>
  /** The reason if a write failed because the session has ended. */
  rejectionOf: (context: SessionContext, error: unknown) => RejectReason | undefined
}
