/** Runs a task once at a time; calls that come meanwhile lead to one more run after it. */
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
