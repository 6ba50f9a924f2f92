import type { Consistency } from './consistency'
import type { SessionDataShape, SessionDevice } from '../model/types'
import type { MaybePromise } from '../utils/maybe-promise'

/** A stored session. Times in milliseconds since 1970. */
export interface SessionRecord {
  createdAt: number
  lastSeenAt: number
  /** When the session expires if it is not renewed. Part of the record because most drivers ignore a TTL. */
  expiresAt: number
  authenticatedAt?: number
  userId?: string
  /** The user's epoch when the session was bound to the user. If the user's epoch is higher now, the session is revoked. */
  epoch?: number
  /** The app's epoch when the session began. If it is higher now, the session is revoked. Unset means 0. */
  appEpoch?: number
  /** The start of the key of the user's session that this one replaced. An epoch raise that excepts that key excepts this session too. */
  replaces?: string
  /** On an eventually consistent driver: the key of the session's first id. Unset for that one. */
  lineage?: string
  /** The session's own lifetime in seconds, given at `regenerate`. */
  maxAge?: number
  /** The session's own idle timeout in seconds, given at `regenerate`; `false`: none. */
  idleTimeout?: number | false
  name?: string
  data: SessionDataShape
  flash?: Record<string, unknown>
  /** The key of the browser to which the session is bound. */
  device?: SessionDevice
  userAgent?: string
  ip?: string
}

export type RecordTimes = Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>

export type RecordChange = (record: SessionRecord) => MaybePromise<SessionRecord>

/** Why a session ended: `'revoked'` by `clear` or an administrator, or `'superseded'`: replaced by `regenerate`. */
export type TombstoneReason = 'revoked' | 'superseded'

export interface Tombstone {
  reason: TombstoneReason
  /** When the tombstone expires, in milliseconds since 1970. */
  until: number
  /** If the session was superseded, the key of the new one. */
  successor?: string
  /** As in the record. */
  lineage?: string
}

/** The state of a key in the store; `undefined` if it has no value. */
export type Found =
  /** `version` identifies exactly this state; only the store interprets it. */
  | { record: SessionRecord, version: unknown }
  /** `successor`: the key of the session that replaced this one, if it is known. `lineage`: that of the record. */
  | { dead: TombstoneReason, successor?: string, lineage?: string }
  /** The value is no record and no tombstone. */
  | { malformed: true }
  | undefined

export type Alive = Extract<Found, { record: SessionRecord }>
export type Ended = Extract<Found, { dead: TombstoneReason }>

export interface DestroyOptions extends Tombstone {
  /** Ends the session only if it is still in this state. */
  known?: Alive
  /** The session's user as far as known, which saves a command. */
  userId?: string
  /**
   * `'id'`: this id only. `'session'`: also the newer ids that replaced it, and its lineage.
   * @default 'session' if the reason is `'revoked'`, else 'id'
   */
  ends?: 'id' | 'session'
}

/**
 * `'destroyed'` to exactly one of several callers; `'dead'` to the others, or if the user's epoch was raised since;
 * `'changed'` if the record is no longer the known one; `'successor'` if the id was replaced before, and this call ended
 * the newest one.
 */
export type DestroyOutcome = 'destroyed' | 'successor' | 'dead' | 'changed'

export interface ListFilter {
  userId?: string
  /** At most 1000. @default 100 */
  limit?: number
  /** `cursor` of the previous page. */
  cursor?: string
}

/**
 * A page of sessions, in the store's own order. It may have fewer entries than `limit` and still not be the last. The
 * pages together contain every session that is alive throughout; on Redis one that is renewed meanwhile may repeat.
 */
export interface ListPage {
  entries: { key: string, record: SessionRecord }[]
  /** `undefined` on the last page. */
  cursor: string | undefined
}

export interface SweptBatch {
  /** How many of the items had ended. */
  removed: number
  /** Whether all items were checked, so that the next batch begins anew. */
  isLast: boolean
}

/**
 * Stores sessions. A session's key is the SHA-256 of its id, so read access to the store does not reveal any id.
 * Every method rejects with SESSION_STORE_UNAVAILABLE if the driver fails or does not answer in time.
 */
export interface SessionStore {
  /** `'store'`: no update is lost across processes. `'process'`: none within this process. */
  readonly atomicity: 'store' | 'process'
  /** Whether all sessions wait for the same connection, and it is not opened again after it was lost. */
  readonly hasOneConnection: boolean
  /** With `'eventual'` and `'unknown'`, what ends a session holds after the driver's delay. */
  readonly consistency: Consistency
  /** The same store, with another time in milliseconds for each call. */
  withTimeout: (timeout: number) => SessionStore
  /** @throws SESSION_CONFLICT if the key has a record or a tombstone */
  create: (key: string, record: SessionRecord) => Promise<void>
  /** May return an expired record. `userId`, the session's user as far as known, saves a read. */
  get: (key: string, userId?: string) => Promise<Found>
  /** Returns the key of a session's newest id, by the tombstones of the earlier ones; the key itself if it was not replaced. */
  newest: (key: string) => Promise<string>
  /**
   * Replaces the record atomically by the result of `change`, which may run again after a conflict. Writes nothing if
   * `change` throws or returns the same object. Never revives an ended, missing or expired session (`undefined`).
   * `known`, a state read before, saves a read.
   * @throws SESSION_CONFLICT after 10 conflicts
   */
  update: (key: string, change: RecordChange, known?: Alive) => Promise<Found>
  /** Moves the record's times, but never back, also while an update is running. `known`, a state read before, saves a read. */
  touch: (key: string, times: RecordTimes, known?: Alive) => Promise<Found>
  /**
   * Writes a tombstone at the key, even if it has no value. If the id was replaced before, the newest one gets it, unless
   * only this id is to end.
   */
  destroy: (key: string, options: DestroyOptions) => Promise<DestroyOutcome>
  /** Revokes a session that no client has. If the store is unavailable, `sweep` tries again until it is `until`. */
  abandon: (key: string, until: number) => Promise<void>
  /** Returns the user's present epoch; 0 if it was never raised. */
  epoch: (userId: string) => Promise<number>
  /**
   * Revokes all sessions of the user and returns the new epoch: a time, higher than all epochs before. `except` is the
   * key of one session that stays alive and gets the new epoch.
   */
  raiseEpoch: (userId: string, except?: string) => Promise<number>
  /** Returns the present epoch of all sessions of a name; 0 if it was never raised. */
  appEpoch: (name: string | undefined) => Promise<number>
  /** Revokes all sessions in the store, or those of a name. */
  raiseAppEpoch: (name: string | undefined) => Promise<void>
  /**
   * Ends the oldest sessions of this session's user and name until `max` are left, but never this one. Returns those that
   * this call ended. Call it after the session was created: then of several logins at the same time never more than
   * `max` stay alive, within this process if the store's atomicity is `'process'`.
   */
  endOldest: (key: string, record: SessionRecord, max: number) => Promise<ListPage['entries']>
  /** Lists live sessions only. */
  list: (filter: ListFilter) => Promise<ListPage>
  /**
   * Counts a user's sessions exactly. The count of all sessions comes from the index, so it may include ended ones:
   * on Redis those of the last two minutes, and a few after a failure; with files and other generic drivers, all that are not swept yet.
   */
  count: (filter: Pick<ListFilter, 'userId'>) => Promise<number>
  /**
   * Checks at most `limit` items and removes those that have ended, for drivers that ignore a TTL; revokes abandoned
   * sessions. The next call continues after these items. Do not call it in a request.
   */
  sweep: (limit: number) => Promise<SweptBatch>
}
