import type { AsyncStorage } from '../../core/session/hook-scope'

/** Node's AsyncLocalStorage; `undefined` if the runtime has none. */
export function createAsyncStorage<T>(): AsyncStorage<T> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage<T>()
}
