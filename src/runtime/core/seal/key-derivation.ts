import type { MaybePromise } from '../utils/maybe-promise'
import type { Bytes, SyncCrypto } from './crypto'

/**
 * Derives the key of a salt as iron does. `isUnverified`: the salt comes from a token whose MAC is not verified. If
 * too many of those wait, the promise rejects with an {@link OverloadError}.
 */
export type DeriveKey = (password: string, salt: string, iterations: number, isUnverified?: boolean) => MaybePromise<Bytes>

/** Too many unverified salts wait. This one was not derived, so its seal could not be checked. */
export class OverloadError extends Error {}

// Each occupies a thread of the pool that the file system and DNS use too.
const MAX_PARALLEL = 2
/** How many unverified salts may wait. At 8192 iterations this is a second of work, even after their requests ended. */
export const MAX_WAITING = 128

interface Waiting { start: () => void, drop: () => void }

/**
 * Derives keys of one iteration at once. More iterations would block the server for milliseconds, and forged tokens
 * with fresh salts could cause that. So they run on other threads, at most two at once, in order. Salts of our own
 * seals go first. If too many unverified salts wait, the oldest are dropped.
 */
export function createKeyDerivation(
  { derive, deriveSync, parallelism = MAX_PARALLEL }: Pick<SyncCrypto, 'derive' | 'deriveSync' | 'parallelism'>,
): DeriveKey {
  const limit = Math.min(parallelism, MAX_PARALLEL)
  const verified: Waiting[] = []
  const unverified: Waiting[] = []
  let running = 0

  function waitForTurn(isUnverified: boolean): Promise<void> {
    return new Promise((start, reject) => {
      const queue = isUnverified ? unverified : verified
      queue.push({ start, drop: () => reject(new OverloadError('Too many unverified salts wait for their key.')) })
      if (unverified.length > MAX_WAITING) unverified.shift()!.drop()
    })
  }

  async function deriveInTurn(password: string, salt: string, iterations: number, isUnverified: boolean): Promise<Bytes> {
    if (running === limit) await waitForTurn(isUnverified)
    else running++
    try {
      return await derive(password, salt, iterations)
    }
    finally {
      // The next one takes over the place: `running` stays the same.
      const next = verified.shift() ?? unverified.shift()
      if (next) next.start()
      else running--
    }
  }

  return (password, salt, iterations, isUnverified = false) =>
    iterations === 1 ? deriveSync(password, salt, 1) : deriveInTurn(password, salt, iterations, isUnverified)
}
