/**
 * Runs `ask` once at a time. Who comes while it runs shares one more run after it, for what is under way may have
 * been answered before that caller's reason to ask.
 */
export function coalesce<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined

  function start(): Promise<T> {
    running = ask().finally(() => {
      running = undefined
    })
    return running
  }

  return () => {
    if (next) return next
    if (!running) return start()
    const again = () => {
      next = undefined
      return start()
    }
    next = running.then(again, again)
    return next
  }
}
