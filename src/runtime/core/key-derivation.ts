import type { MaybePromise } from './maybe-promise'
import type { Bytes, SyncCrypto } from './sync-crypto'

/** Derives the key of a salt as iron does. */
export type DeriveKey = (password: string, salt: string, iterations: number) => MaybePromise<Bytes>

// Each occupies a thread of the pool that the file system and DNS need too.
const MAX_PARALLEL = 2

/**
 * One iteration is derived at once. More would block the server for milliseconds, which forged tokens with
 * fresh salts could make it spend: they are derived on other threads, two at once at most and in turn.
 */
export function createKeyDerivation(
  { derive, deriveSync, parallelism = MAX_PARALLEL }: Pick<SyncCrypto, 'derive' | 'deriveSync' | 'parallelism'>,
): DeriveKey {
  const limit = Math.min(parallelism, MAX_PARALLEL)
  const waiting: (() => void)[] = []
  let running = 0

  async function deriveInTurn(password: string, salt: string, iterations: number): Promise<Bytes> {
    if (running === limit) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await derive(password, salt, iterations)
    }
    finally {
      // The place goes to who waits for it.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  return (password, salt, iterations) => iterations === 1 ? deriveSync(password, salt, 1) : deriveInTurn(password, salt, iterations)
}
