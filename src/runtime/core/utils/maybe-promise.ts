/** A value, or a promise if there is something to wait for: a promise costs more than a look into a cache. */
export type MaybePromise<T> = T | Promise<T>

/** Calls `next` with the value, at once if it is not a promise. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** A promise of what `run` returns; it rejects if `run` throws. Cheaper than an async function. */
export function attempt<T, Args extends unknown[]>(run: (...args: Args) => MaybePromise<T>, ...args: Args): Promise<T> {
  try {
    return Promise.resolve(run(...args))
  }
  catch (error) {
    return Promise.reject(error as Error)
  }
}

/** Returns what `run` returns. If that throws or rejects, calls `undo` first. */
export function orUndo<T>(run: () => MaybePromise<T>, undo: (error: unknown) => void): MaybePromise<T> {
  const fail = (error: unknown): never => {
    undo(error)
    throw error
  }
  try {
    const value = run()
    return value instanceof Promise ? value.catch(fail) : value
  }
  catch (error) {
    return fail(error)
  }
}
