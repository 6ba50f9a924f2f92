import type { StoreEnvironment } from '../core/store/context'

/** What stores need around them, with timers of the runtime. */
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
