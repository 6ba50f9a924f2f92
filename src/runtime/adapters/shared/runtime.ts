import type { AsyncStorage } from '../../core/session/hook-scope'

export const IS_WORKER = globalThis.navigator?.userAgent === 'Cloudflare-Workers'

/** Node, Bun and Deno have their environment at start. Workers get it with the first request. */
export const HAS_ENVIRONMENT_AT_START = !IS_WORKER && globalThis.process?.getBuiltinModule !== undefined

/** Node's AsyncLocalStorage; `undefined` if the runtime has none. */
export function createAsyncStorage<T>(): AsyncStorage<T> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage<T>()
}

const DECIMAL = /^\s*-?\d{1,16}(?:\.\d{1,17})?\s*$/

/** Parses an environment variable: `true`, `false`, a number, JSON, else the text itself. */
export function parseEnvironmentValue(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  if (DECIMAL.test(text)) return Number(text)
  if (!/^[[{"]/.test(trimmed)) return text
  try {
    return JSON.parse(trimmed)
  }
  catch {
    // For example a password that begins with a bracket.
    return text
  }
}
