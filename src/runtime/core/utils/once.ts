/** Returns a function that calls `find` once, and then returns the same result. */
export function once<T>(find: () => T): () => T {
  let found: { result: T } | undefined
  return () => (found ??= { result: find() }).result
}
