import { do_not_optimize, measure } from 'mitata'
import type { MicroSettings } from '../settings.ts'
import { percentile } from '../statistics.ts'

/** Something that is timed, in a promise or not. */
export interface Candidate {
  name: string
  run: () => unknown
  /** Answers at once but for now and then, when it has to be waited for. */
  mayWait?: boolean
}

/** Nanoseconds at the 10th percentile, by candidate. */
export type Timings = Record<string, number>

/**
 * Times the candidates in turn, several times, and keeps the quickest round of each: what the work takes where
 * nothing else wants the machine. A busy one delays those most that wait for another thread, and would flatter us.
 */
export async function timeInTurn(candidates: Candidate[], { rounds, milliseconds }: MicroSettings): Promise<Timings> {
  const timings: Timings = {}
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, mayWait = false } of candidates) {
      // The first run may have keys to derive that later ones find.
      await run()
      const isAsync = run() instanceof Promise
      const runAndWait = async () => {
        const result = run()
        if (result instanceof Promise) await result
      }
      const { samples } = await measure(isAsync ? run : mayWait ? runAndWait : () => do_not_optimize(run()), {
        min_cpu_time: milliseconds * 1e6,
        batch_samples: 256,
      })
      timings[name] = Math.min(timings[name] ?? Infinity, percentile(samples, 0.1))
    }
  }
  return timings
}
