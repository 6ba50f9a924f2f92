import type { MaybePromise } from '../utils/maybe-promise'
import type { Consistency } from './consistency'
import type { StoreContext } from './context'
import type { Deadline } from './deadline'
import type { StoreKeys } from './keys'
import type { RecordTimes, SessionRecord, SweptBatch } from './store'
import type { WriteIds } from './write-ids'

export interface BackendValue {
  text: string
  /** When the value expires, in milliseconds since 1970. */
  until: number
  /** Whether to write it even if the store is full, because it ends sessions. */
  isEnding?: boolean
}

/** The result of an atomic step. `found` is the present value if nothing was written. As the driver returns them. */
export type WriteOutcome = { before: unknown } | { found: unknown }

/** The session whose index entries change with a write: its record after the write and, unless it is new, before. */
export interface EntryChange {
  handle: string
  next: SessionRecord
  before?: SessionRecord
}

/** The session whose index entries are removed with its end, and its user as far as known. */
export interface EndedEntry {
  handle: string
  userId: string | undefined
}

export interface HandlePage {
  handles: string[]
  /** `undefined` on the last page. */
  cursor: string | undefined
}

/**
 * Reads values of a driver and changes each in one atomic step. Keys are relative to the mount. Its index of sessions,
 * by user and of all (`userId` is `undefined`), may contain ended sessions but never misses a live one: entries are added
 * before the record is written, or in the same step, and removed after it.
 */
export interface StoreBackend {
  /** As {@link SessionStore.atomicity}. */
  readonly atomicity: 'store' | 'process'
  /** As {@link SessionStore.hasOneConnection}; unset if not. */
  readonly hasOneConnection?: boolean
  /** Whether {@link putTombstone} removes the entries in the same step. If not, the store removes them after it. */
  readonly removesEntries?: boolean
  /** Encodes JSON so that the driver returns exactly the same text; unset if it always does. */
  encode?: (json: string) => string
  /** Returns the tombstone if there is one, else the value. */
  get: (deadline: Deadline, key: string) => MaybePromise<unknown>
  /** Gets several keys, in one round trip if the driver can. */
  getAll: (deadline: Deadline, keys: string[]) => MaybePromise<unknown[]>
  /** Copies the app's epoch to where {@link getAll} reads it, over earlier ones. Unset if that is only its own key. */
  copyAppEpoch?: (deadline: Deadline, value: BackendValue, isEarlier: (value: unknown) => boolean) => Promise<void>
  /** Writes the value if the key has exactly the `expected` text (`undefined`: if it has none), and its entries. */
  compareAndSet: (deadline: Deadline, key: string, expected: string | undefined, value: BackendValue, change?: EntryChange) => MaybePromise<WriteOutcome>
  /** Replaces any value but a tombstone by a tombstone; if `expected` is given, only that text. */
  putTombstone: (deadline: Deadline, key: string, tombstone: BackendValue, expected: string | undefined, ended: EndedEntry) => MaybePromise<WriteOutcome>
  /** Replaces a tombstone that has exactly the `expected` text. Unset if {@link compareAndSet} does. */
  replaceTombstone?: (deadline: Deadline, key: string, expected: string, tombstone: BackendValue) => MaybePromise<WriteOutcome>
  /** Replaces only the record's times, unless they are later, and returns the record. Unset if the driver cannot. */
  touch?: (deadline: Deadline, key: string, times: RecordTimes, change: EntryChange) => MaybePromise<unknown>
  /** Removes a session from a user's entries. */
  removeEntry: (deadline: Deadline, handle: string, userId: string) => MaybePromise<void>
  page: (deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number) => Promise<HandlePage>
  count: (deadline: Deadline) => Promise<number>
  /** `isRevoked`: whether a value is the record of a session that the app's epoch has revoked. Unset if it has revoked none. */
  sweep: (deadline: Deadline, limit: number, isRevoked?: (value: unknown) => boolean) => MaybePromise<SweptBatch>
  /** Called after a call had no answer in `timeout` milliseconds. Unset if a connection cannot be silent or is not ours to drop. */
  noteTimeout?: (timeout: number) => void
}

export interface StoreParts {
  /** As {@link SessionStore.consistency}. */
  consistency: Consistency
  context: StoreContext
  backend: StoreBackend
  keys: StoreKeys
  writeIds: WriteIds
  /** The newest ids, by handle, to which the tombstones of earlier ones are being directed. */
  shortening: Set<string>
}
