import { do_not_optimize, measure } from 'mitata'
import type { MicroSettings } from '../settings.ts'
import { percentile } from '../statistics.ts'

/** A function to time, with or without a promise. */
export interface Candidate {
  name: string
  run: () => unknown
  /** Returns a promise only now and then. */
  mayWait?: boolean
}

/** Nanoseconds at the 10th percentile, by candidate. */
export type Timings = Record<string, number>

/**
 * Times the candidates in turn, in several rounds, and returns the fastest round of each: the time on an idle machine.
 * A busy machine delays candidates that wait for another thread, and would make ours look better.
 */
export async function timeInTurn(candidates: Candidate[], { rounds, milliseconds }: MicroSettings): Promise<Timings> {
  const timings: Timings = {}
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, mayWait = false } of candidates) {
      // The first run may derive keys for the later ones.
      await run()
      const { samples } = await measure(measurable(run, mayWait), {
        min_cpu_time: milliseconds * 1e6,
        batch_samples: 256,
      })
      timings[name] = Math.min(timings[name] ?? Infinity, percentile(samples, 0.1))
    }
  }
  return timings
}

/** The form in which mitata times a function: it awaits only a function that returns a promise at once. */
function measurable(run: Candidate['run'], mayWait: boolean): () => unknown {
  if (run() instanceof Promise) return run
  if (!mayWait) return () => do_not_optimize(run())
  return async () => {
    const result = run()
    if (result instanceof Promise) await result
  }
}
