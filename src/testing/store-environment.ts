import { createHash } from 'node:crypto'
import type { StoreEnvironment, StoreFiles } from '../runtime/core/store/environment'

/** What a store needs around it, as a server on Node gives it. */
export function createStoreEnvironment(now: () => number, files: StoreFiles | undefined): StoreEnvironment {
  return {
    now,
    hash: sha256,
    random: Math.random,
    startTimer(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    files,
  }
}

/** In hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
