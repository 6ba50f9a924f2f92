import type { StoreEnvironment } from '../core/store/context'

/** The environment of stores, with the timers and the random numbers of the runtime. */
export function createStoreEnvironment(given: Pick<StoreEnvironment, 'now' | 'hash' | 'files'>): StoreEnvironment {
  return {
    ...given,
    random: Math.random,
    newWriter: () => globalThis.crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32,
    startTimer(milliseconds, run) {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
  }
}
