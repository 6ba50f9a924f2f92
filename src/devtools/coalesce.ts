/**
 * Returns a function that runs a task one run at a time, and starts it at most once per `interval` milliseconds. Calls
 * in between cause one more run.
 */
export function coalesce(task: () => unknown, interval = 0): () => Promise<void> {
  let running: Promise<void> | undefined
  let isWanted = false

  async function run(): Promise<void> {
    do {
      isWanted = false
      const pause = interval > 0 && new Promise(resolve => setTimeout(resolve, interval))
      await task()
      if (pause) await pause
    } while (isWanted)
  }

  return () => {
    isWanted = true
    running ??= run().finally(() => (running = undefined))
    return running
  }
}
