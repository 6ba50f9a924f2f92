import type { MaybePromise } from '../utils/maybe-promise'
import type { Deadline } from './deadline'
import type { RecordTimes } from './record'

export interface BackendValue {
  text: string
  /** When the value expires, in milliseconds since 1970; `undefined` if unknown. */
  until: number | undefined
}

/** `before` is the replaced value, as the driver returns it. */
export type TombstoneOutcome = 'dead' | 'changed' | { before: unknown }

/** Reads single values of a driver and changes each by one atomic step. Keys are relative to the mount. */
export interface StoreBackend {
  /** As {@link SessionStore.atomicity}. */
  readonly atomicity: 'store' | 'process'
  /** Encodes JSON so that the driver returns exactly the same text; unset if it always does. */
  encode?: (json: string) => string
  /** Returns the tombstone if there is one, else the value. */
  get: (deadline: Deadline, key: string) => MaybePromise<unknown>
  /** Writes the value if the key has exactly the `expected` text (`undefined`: if it has none). Returns whether it did. */
  compareAndSet: (deadline: Deadline, key: string, expected: string | undefined, value: BackendValue) => MaybePromise<boolean>
  /** Replaces the value by a tombstone; if `expected` is given, only that text. */
  putTombstone: (deadline: Deadline, key: string, tombstone: BackendValue, expected: string | undefined) => MaybePromise<TombstoneOutcome>
  /** Replaces only the record's times, unless they are later, and returns the record. Unset if the driver cannot. */
  touch?: (deadline: Deadline, key: string, times: RecordTimes) => MaybePromise<unknown>
}
