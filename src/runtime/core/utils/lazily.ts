import type { MaybePromise } from './maybe-promise'

/** Returns a function that loads code at its first call, for parallel calls too. Synchronous once the code is loaded. */
export function loadOnce<T>(load: () => Promise<T>): () => MaybePromise<T> {
  let loaded: T | undefined
  let loading: Promise<T> | undefined
  return () => loaded ?? (loading ??= load().then(code => loaded = code).finally(() => loading = undefined))
}

/** Returns a function whose code is loaded at its first call. */
export function lazily<Args extends unknown[], Result>(load: () => Promise<(...args: Args) => Promise<Result>>): (...args: Args) => Promise<Result> {
  const loaded = loadOnce(load)
  return async (...args) => (await loaded())(...args)
}
