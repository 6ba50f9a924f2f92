import type { RejectReason } from '../../model/errors'
import type { MaybePromise } from '../../utils/maybe-promise'
import type { ActivityKind, SessionContext } from '../context'
import type { OpenedSession, Rejected, TokenResult } from '../token'
import type { MigratingState, StoredState } from './stored-state'

/** A session that was found, and what its persistence keeps in mind of it. */
export interface FoundSession extends OpenedSession {
  stored?: StoredState
  migrating?: MigratingState
}

/** What a session is found by. */
export type FindContext = Pick<SessionContext, 'config' | 'store'> & { env: Pick<SessionContext['env'], 'hash' | 'now'> }

/** Changes the session before its commit; `'skip'`: there is nothing to commit. A store may run it again. */
export type Prepare = () => MaybePromise<unknown>

/** How a session outlives its request. */
export interface Persistence {
  /** Whether an id can be ended before its token ends. */
  readonly canEndIds: boolean
  /** The session that an opened token contains or names, or why there is none. */
  find: (place: FindContext, opened: TokenResult) => MaybePromise<FoundSession | Rejected>
  /** Whether the session lies in the server, so that a write of its data needs no response. */
  isStored: (context: SessionContext) => boolean
  /** The session as a token; of one that is kept, only its id. */
  seal: (context: SessionContext) => MaybePromise<string>
  /** Makes a change durable and sends what the client needs. Where it throws, everything is as it was. */
  commit: (context: SessionContext, kind: ActivityKind, prepare: Prepare) => MaybePromise<unknown>
  /** Ends the session that `prepare` clears. */
  end: (context: SessionContext, prepare: Prepare) => MaybePromise<unknown>
  /**
   * Renews a session that is read, if that is due. `isAnswered`: the response may carry a token; `write` commits the
   * session in turn with its other writes.
   *
   * @returns why there is no session any more, if so
   */
  renew: (context: SessionContext, canSendToken: boolean, write: (kind: 'update' | 'renew') => Promise<RejectReason | undefined>) =>
  MaybePromise<RejectReason | undefined>
  /** Why there is no session any more, if that is what a failed write says. */
  rejectionOf: (context: SessionContext, error: unknown) => RejectReason | undefined
}
