import type { MaybePromise } from '../utils/maybe-promise'

/** The clock, timers and other platform functions that the stores use. */
export interface StoreEnvironment {
  /** Milliseconds since 1970. */
  now: () => number
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** At least 0 and below 1; spreads the retries of concurrent writers, for example. */
  random: () => number
  /** At least 0 and below 1; different in each process, also if one is a copy of another's memory. */
  newWriter: () => number
  /** Calls `run` once after `ms` milliseconds, unless the returned function is called first. */
  startTimer: (ms: number, run: () => void) => () => void
  /** Unset if there is no file system. */
  files?: StoreFiles
}

/** File functions that the `fs` drivers of unstorage lack. Paths use `/`. */
export interface StoreFiles {
  /** Yields the names in a directory; none if it does not exist. */
  list: (directory: string) => AsyncIterable<string>
  /**
   * Replaces a file atomically: readers find the old text or the new one, also if the process is killed. It does not
   * wait for the disk, so a machine that loses power may lose it. Creates the directories. Writes a draft first, named by
   * the path, a dot and a UUID. The sweep removes the drafts of killed processes.
   */
  replace: (path: string, text: string) => Promise<void>
  /** Removes a directory, unless it contains something. */
  removeIfEmpty: (directory: string) => Promise<void>
}

/** The part of an unstorage driver (`storage.getMount(base).driver`) that the stores use. */
export interface StoreDriver {
  name?: string
  options?: unknown
  getInstance?: () => unknown
  getItem: (key: string, options?: object) => MaybePromise<unknown>
  setItem?: (key: string, value: string, options: { ttl?: number }) => MaybePromise<void>
  removeItem?: (key: string, options: object) => MaybePromise<void>
  getKeys: (base: string, options: object) => MaybePromise<string[]>
  getMeta?: (key: string, options: object) => MaybePromise<{ mtime?: Date } | null>
}

export interface StoreContext {
  env: StoreEnvironment
  driver: StoreDriver
  /** Milliseconds that the driver has to answer one store call. */
  timeout: number
}
