import type { MaybePromise } from '../utils/maybe-promise'
import type { Operation } from './deadline'
import type { RecordTimes } from './record'

export interface CellValue {
  text: string
  /** Milliseconds since 1970; `undefined`: unknown. */
  until: number | undefined
}

/** `before`: what lay there, as the driver returns it. */
export type Burial = 'dead' | 'changed' | { before: unknown }

/** Single values and the atomic steps on one of them: what a driver has to give for a store. Keys are relative to the mount. */
export interface Cells {
  /** As {@link SessionStore.atomicity}. */
  readonly atomicity: 'store' | 'process'
  /** JSON as the driver keeps it exactly; unset: as it is. */
  encode?: (json: string) => string
  /** What lies there, a tombstone before everything else. */
  get: (operation: Operation, key: string) => MaybePromise<unknown>
  /** Puts a value in the place of exactly this text, or where nothing lies (`undefined`). Returns whether it did. */
  swap: (operation: Operation, key: string, expected: string | undefined, value: CellValue) => MaybePromise<boolean>
  /** Puts a tombstone there, in the place of exactly `expected` where it is given. */
  bury: (operation: Operation, key: string, tombstone: CellValue, expected: string | undefined) => MaybePromise<Burial>
  /** Replaces a record's times where they are, unless they are later, and returns the record; where the driver can. */
  touch?: (operation: Operation, key: string, times: RecordTimes) => MaybePromise<unknown>
}
