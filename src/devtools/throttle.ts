/** How many milliseconds after the start of a run the next may start. `runs`: how many have followed each other. */
export type Interval = (took: number, runs: number) => number

/**
 * Returns a function that runs a task one run at a time, and not again before its interval is over. Calls in between
 * cause one more run.
 */
export function throttle(task: () => unknown, interval: Interval = () => 0): () => Promise<void> {
  let running: Promise<void> | undefined
  let isWanted = false

  async function run(): Promise<void> {
    let runs = 0
    do {
      isWanted = false
      const start = Date.now()
      await task()
      const took = Date.now() - start
      const pause = interval(took, ++runs) - took
      if (pause > 0) await new Promise(resolve => setTimeout(resolve, pause))
    } while (isWanted)
  }

  return () => {
    isWanted = true
    running ??= run().finally(() => (running = undefined))
    return running
  }
}
