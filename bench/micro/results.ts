import type { Timings } from './timing.ts'

export interface MicroResults {
  /** By bytes of the session. */
  unseal: Record<number, Timings>
  seal: Record<number, Timings>
  /** At 8192 iterations. */
  slow: Timings
  growth: Growth[]
}

/** Timings at one size. */
export interface Growth {
  bytes: number
  timings: Timings
}
