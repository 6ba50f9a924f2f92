import type { StoreEnvironment } from '../core/store/context'

/** Creates the store environment with the runtime's timers. */
export function createStoreEnvironment(given: Pick<StoreEnvironment, 'now' | 'hash' | 'files'>): StoreEnvironment {
  return {
    ...given,
    random: Math.random,
    startTimer(milliseconds, run) {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
  }
}
