import type { MaybePromise } from '../utils/maybe-promise'

/** What the stores are given by their surroundings. */
export interface StoreEnvironment {
  /** Milliseconds since 1970. */
  now: () => number
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** At least 0 and below 1: spreads the tries of those that race. */
  random: () => number
  /** Calls `run` once after `ms` milliseconds. What is returned prevents it. */
  startTimer: (ms: number, run: () => void) => () => void
  /** The file system, where there is one. */
  files?: StoreFiles
}

/** What the `fs` drivers of unstorage lack. Paths use `/`. */
export interface StoreFiles {
  /** The names in a directory, one by one; none where there is no such directory. */
  list: (directory: string) => AsyncIterable<string>
  /**
   * Puts a file with this text in the place of what is there, in one step: a reader, or who comes after a crash,
   * finds the old text or the new one. Makes the directories. What is written meanwhile is a draft beside it, named
   * by the path, a dot and a UUID: one that a killed process leaves is swept.
   */
  replace: (path: string, text: string) => Promise<void>
}

/** The part of an unstorage driver that the stores use: what `storage.getMount(base).driver` gives. */
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

/** What every part of a store is given. */
export interface StoreContext {
  env: StoreEnvironment
  driver: StoreDriver
  /** Milliseconds after which a silent driver is unavailable. */
  timeout: number
}
