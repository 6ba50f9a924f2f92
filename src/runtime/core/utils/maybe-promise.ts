/**
 * A value, or a promise if it is not available yet. A promise would cost more than a cache hit. So would closures for the
 * case of a promise: V8 allocates what they capture each time, at the start of the function. Code that runs in each
 * request therefore gives a promise a bound function: `loading.then(use.bind(undefined, context))`.
 */
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
export function orUndo<T, S>(subject: S, run: (subject: S) => MaybePromise<T>, undo: (subject: S, error: unknown) => void): MaybePromise<T> {
  try {
    const value = run(subject)
    return value instanceof Promise ? undoRejected(value, subject, undo) : value
  }
  catch (error) {
    undo(subject, error)
    throw error
  }
}

async function undoRejected<T, S>(value: Promise<T>, subject: S, undo: (subject: S, error: unknown) => void): Promise<T> {
  try {
    return await value
  }
  catch (error) {
    undo(subject, error)
    throw error
  }
}
