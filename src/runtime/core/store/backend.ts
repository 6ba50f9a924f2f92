import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreContext } from './context'
import type { Deadline } from './deadline'
import type { StoreKeys } from './keys'
import type { RecordTimes, SessionRecord } from './store'
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

export interface HandlePage {
  handles: string[]
  /** `undefined` on the last page. */
  cursor: string | undefined
}

/**
 * Reads values of a driver and changes each in one atomic step. Keys are relative to the mount. Its index of sessions,
 * by user and of all (`userId` is `undefined`), may contain ended sessions but never misses a live one: entries are added
 * before the record is written and removed after it.
 */
export interface StoreBackend {
  /** As {@link SessionStore.atomicity}. */
  readonly atomicity: 'store' | 'process'
  /** As {@link SessionStore.hasOneConnection}; unset if not. */
  readonly hasOneConnection?: boolean
  /** Encodes JSON so that the driver returns exactly the same text; unset if it always does. */
  encode?: (json: string) => string
  /** Returns the tombstone if there is one, else the value. */
  get: (deadline: Deadline, key: string) => MaybePromise<unknown>
  /** Writes the value if the key has exactly the `expected` text (`undefined`: if it has none). */
  compareAndSet: (deadline: Deadline, key: string, expected: string | undefined, value: BackendValue) => MaybePromise<WriteOutcome>
  /** Replaces any value but a tombstone by a tombstone; if `expected` is given, only that text. */
  putTombstone: (deadline: Deadline, key: string, tombstone: BackendValue, expected: string | undefined) => MaybePromise<WriteOutcome>
  /** Replaces only the record's times, unless they are later, and returns the record. Unset if the driver cannot. */
  touch?: (deadline: Deadline, key: string, times: RecordTimes) => MaybePromise<unknown>
  /** Called before `next` is written over `before`. */
  addEntry: (deadline: Deadline, handle: string, next: SessionRecord, before?: SessionRecord) => MaybePromise<void>
  /** Called after the session has ended or was bound to another user. */
  removeEntry: (deadline: Deadline, handle: string, userId: string | undefined) => MaybePromise<void>
  page: (deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number) => Promise<HandlePage>
  count: (deadline: Deadline) => Promise<number>
  sweep: (deadline: Deadline, limit: number) => MaybePromise<void>
}

export interface StoreParts {
  context: StoreContext
  backend: StoreBackend
  keys: StoreKeys
  writeIds: WriteIds
}
