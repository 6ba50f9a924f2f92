import type { MaybePromise } from './maybe-promise'
import type { Bytes, SyncCrypto } from './sync-crypto'

/**
 * Derives the key of a salt as iron does. `isUnproven`: nothing says yet that the salt is of a seal of ours; if too
 * many of those wait, the promise rejects with an {@link OverloadError}.
 */
export type DeriveKey = (password: string, salt: string, iterations: number, isUnproven?: boolean) => MaybePromise<Bytes>

/** Too many unknown salts at once: this one was not derived, so nobody can tell whether its seal is authentic. */
export class OverloadError extends Error {}

// Each occupies a thread of the pool that the file system and DNS need too.
const MAX_PARALLEL = 2
/** Unproven salts that wait at most: at 8192 iterations, for about a second. A flood leaves requests that ended behind. */
export const MAX_WAITING = 128

interface Waiting { start: () => void, refuse: () => void }

/**
 * One iteration is derived at once. More would block the server for milliseconds, which forged tokens with
 * fresh salts could make it spend: they are derived on other threads, two at once at most and in turn. Salts of our
 * own seals go first, and of too many others the oldest are refused.
 */
export function createKeyDerivation(
  { derive, deriveSync, parallelism = MAX_PARALLEL }: Pick<SyncCrypto, 'derive' | 'deriveSync' | 'parallelism'>,
): DeriveKey {
  const limit = Math.min(parallelism, MAX_PARALLEL)
  const proven: Waiting[] = []
  const unproven: Waiting[] = []
  let running = 0

  function turn(isUnproven: boolean): Promise<void> {
    return new Promise((start, reject) => {
      const waiting = isUnproven ? unproven : proven
      waiting.push({ start, refuse: () => reject(new OverloadError('Too many salts of unknown seals at once.')) })
      if (unproven.length > MAX_WAITING) unproven.shift()!.refuse()
    })
  }

  async function deriveInTurn(password: string, salt: string, iterations: number, isUnproven: boolean): Promise<Bytes> {
    if (running === limit) await turn(isUnproven)
    else running++
    try {
      return await derive(password, salt, iterations)
    }
    finally {
      // The place goes to whoever waits for it.
      const next = proven.shift() ?? unproven.shift()
      if (next) next.start()
      else running--
    }
  }

  return (password, salt, iterations, isUnproven = false) =>
    iterations === 1 ? deriveSync(password, salt, 1) : deriveInTurn(password, salt, iterations, isUnproven)
}
