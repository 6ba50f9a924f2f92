/** Returns a function that runs a task one run at a time. Calls during a run cause one more run after it. */
export function coalesce(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let isWanted = false

  async function run(): Promise<void> {
    do {
      isWanted = false
      await task()
    } while (isWanted)
  }

  return () => {
    isWanted = true
    running ??= run().finally(() => (running = undefined))
    return running
  }
}
