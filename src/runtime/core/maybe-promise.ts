/** What is there at once where nothing has to be waited for: a promise costs a request more than a look into a cache. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on with `value`, at once where it is there. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** A promise of what `run` gives, rejected where it throws. An async function is as much, and allocates its frame each time. */
export function attempt<T, Args extends unknown[]>(run: (...args: Args) => MaybePromise<T>, ...args: Args): Promise<T> {
  try {
    return Promise.resolve(run(...args))
  }
  catch (error) {
    return Promise.reject(error as Error)
  }
}

/** What `run` gives; where it throws or rejects, `undo` comes first. */
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
