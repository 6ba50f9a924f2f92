/** Returns a function whose code is loaded at its first call. */
export function lazily<Args extends unknown[], Result>(load: () => Promise<(...args: Args) => Promise<Result>>): (...args: Args) => Promise<Result> {
  let loaded: ((...args: Args) => Promise<Result>) | undefined
  return async (...args) => (loaded ??= await load())(...args)
}
