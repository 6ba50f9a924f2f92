import type { Timings } from './timing.ts'

export interface MicroResults {
  /** By size of the session in bytes. */
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
