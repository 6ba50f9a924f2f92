import { CONFIG_DEFAULTS } from './resolve'
import { isSet } from './parse'
import { configInvalid, showValue } from '../model/errors'
import type { SessionDataShape, SessionRuntimeConfig } from '../model/types'

/** The top-level keys of the data that may reach the browser. @throws SESSION_CONFIG_INVALID */
export function clientKeysOf(runtime: SessionRuntimeConfig | undefined): readonly string[] {
  const keys: unknown = runtime?.clientKeys
  if (!isSet(keys)) return CONFIG_DEFAULTS.clientKeys
  if (!Array.isArray(keys) || keys.some(key => typeof key !== 'string'))
    throw configInvalid(`clientKeys ${showValue(keys)} must be an array of keys of the session's data, such as ["public"]; in the environment as JSON.`)
  return keys as string[]
}

/** Returns a JSON copy of the data that may reach the browser. */
export function clientDataOf(data: SessionDataShape, keys: readonly string[]): SessionDataShape {
  const own = keys.filter(key => Object.hasOwn(data, key))
  return JSON.parse(JSON.stringify(Object.fromEntries(own.map(key => [key, data[key]])))) as SessionDataShape
}
