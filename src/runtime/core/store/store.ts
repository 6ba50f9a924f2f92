import type { SessionDataShape } from '../model/types'

/** What is kept of a session. Times in milliseconds since 1970. */
export interface SessionRecord {
  /** Version of this form. */
  v: 1
  createdAt: number
  lastSeenAt: number
  /** When the record ends if nobody uses it again; in the record, because most drivers ignore a TTL. */
  expiresAt: number
  authenticatedAt?: number
  userId?: string
  /** The user's epoch when the user was bound: a record of a lower one is dead. */
  epoch?: number
  /** The key of the session whose place a user's session took: whatever leaves that one alive leaves this one. */
  replaces?: string
  /** Seconds; the session's own lifetime, given at `regenerate`. */
  maxAge?: number
  /** The session's name. */
  name?: string
  data: SessionDataShape
  flash?: Record<string, unknown>
  userAgent?: string
  ip?: string
}

/** Why a key is dead: ended by `clear` or an administrator, or replaced by `regenerate`. */
export type DeathReason = 'revoked' | 'superseded'

/** What lies at a key. */
export type Found =
  /** `version` names exactly this state; it is the store's own affair. */
  | { record: SessionRecord, version: unknown }
  | { dead: DeathReason }
  /** Something lies there that is no record. */
  | { malformed: true }
  | undefined

export type Alive = Extract<Found, { record: SessionRecord }>

export interface DestroyOptions {
  reason: DeathReason
  /** Until when the key stays dead, in milliseconds since 1970. */
  until: number
  /** Only in this state. */
  known?: Alive
}

export interface ListFilter {
  userId?: string
  /** At most 1000. @default 100 */
  limit?: number
  /** Where the previous page ended, as it said. */
  cursor?: string
}

/**
 * The order is the store's own. A page may hold fewer entries than asked for and still not be the last. Over all
 * pages each session that is there all the time comes once; one that is used meanwhile may come again on Redis.
 */
export interface ListPage {
  entries: { key: string, record: SessionRecord }[]
  /** `undefined` on the last page. */
  cursor: string | undefined
}

/**
 * Where sessions are kept: the records by key, which is the SHA-256 of the id, so that who reads the store
 * cannot be one of its sessions. Everything rejects with SESSION_STORE_UNAVAILABLE where the driver fails or
 * is silent.
 */
export interface SessionStore {
  /** `'store'`: no update is lost across processes. `'process'`: none within this process. */
  readonly atomicity: 'store' | 'process'
  /**
   * Keeps a new record.
   * @throws SESSION_CONFLICT where something lies at the key, alive or dead
   */
  create: (key: string, record: SessionRecord) => Promise<void>
  /** An expired record may still be found. */
  get: (key: string) => Promise<Found>
  /**
   * Replaces the record by what `change` makes of it, atomically; `change` may run again after a conflict.
   * Where it throws, nothing is written. Never revives what is dead, gone or expired (`undefined`).
   * `known` is the state that was read before, which spares a read.
   * @throws SESSION_CONFLICT after 10 lost races
   */
  update: (key: string, change: (record: SessionRecord) => SessionRecord | Promise<SessionRecord>, known?: Alive) => Promise<Found>
  /**
   * Moves the record's times, never back, without rewriting its data where the driver can. `known` is the
   * state that was read before, which spares a read.
   */
  touch: (key: string, times: Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>, known?: Alive) => Promise<Found>
  /**
   * Makes the key dead, also where nothing lies there.
   * @returns `'destroyed'` to exactly one of several callers, `'dead'` to the others and where the session's user has
   * a later epoch, and `'changed'` where the record is no longer the known one
   */
  destroy: (key: string, options: DestroyOptions) => Promise<'destroyed' | 'dead' | 'changed'>
  /** The user's present epoch; 0 for a user of whom nothing is known. */
  epoch: (userId: string) => Promise<number>
  /**
   * Makes every record of the user that was bound before dead, and returns the new epoch: a time, above all epochs
   * that were recorded before. `except` is the key of one of them that stays, if it is alive: its record gets
   * the new epoch.
   */
  raiseEpoch: (userId: string, except?: string) => Promise<number>
  /** Nothing that is dead or expired. */
  list: (filter: ListFilter) => Promise<ListPage>
  /**
   * A user's sessions: exactly. Those of everybody: as the index has them, which may count a few that have ended
   * (after a crash; of files and other drivers without an index of their own also those not swept yet).
   */
  count: (filter: Pick<ListFilter, 'userId'>) => Promise<number>
  /** Removes what has ended, of which it looks at `limit` at most; for drivers that ignore a TTL. Not for requests. */
  sweep: (limit: number) => Promise<void>
}
