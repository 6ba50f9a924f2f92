/** A value, or a promise if it is not available yet. A promise would cost more than a cache hit. */
export type MaybePromise<T> = T | Promise<T>

/** Calls `next` with the value, at once if it is not a promise. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** Returns the result of `run` as a promise, which rejects if `run` throws. Cheaper than an async function. */
export function attempt<T, Args extends unknown[]>(run: (...args: Args) => MaybePromise<T>, ...args: Args): Promise<T> {
  try {
    return Promise.resolve(run(...args))
  }
  catch (error) {
    return Promise.reject(error as Error)
  }
}

/** Returns the result of `run`. If it throws or rejects, calls `undo` first. */
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
