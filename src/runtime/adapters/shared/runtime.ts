import type { AsyncStorage } from '../../core/session/hook-scope'

/** Node, Bun and Deno have their environment at start. Workers get it with the first request. */
export const HAS_ENVIRONMENT_AT_START = globalThis.navigator?.userAgent !== 'Cloudflare-Workers'
  && globalThis.process?.getBuiltinModule !== undefined

/** Node's AsyncLocalStorage; `undefined` if the runtime has none. */
export function createAsyncStorage<T>(): AsyncStorage<T> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage<T>()
}
