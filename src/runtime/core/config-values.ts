import { assertCookieName, assertHeaderName, configInvalid, showValue } from './cookie-rules'

/** Whether a value of the configuration was given at all. */
export function isSet<T>(value: T): value is Exclude<T, '' | null | undefined> {
  return value !== undefined && value !== null && (value as unknown) !== ''
}

/** @throws SESSION_CONFIG_INVALID */
export function toName(name: unknown): string {
  const text = toText(name)
  assertCookieName(text)
  return text
}

export function toHeader(header: string | false | undefined, name: string): string | false {
  const value = header ?? `x-${name}-session`
  assertHeaderName(value)
  return value === false ? false : value.toLowerCase()
}

export function toBoolean(value: unknown, key: string, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') throw configInvalid(`${key} ${showValue(value)} must be true or false.`)
  return value
}

export function toTyped<T>(value: T, key: string, type: 'function' | 'object'): T {
  if (value !== undefined && typeof value !== type) throw configInvalid(`${key} ${showValue(value)} must be of type ${type}.`)
  return value
}

/** As in h3, 0 means no limit. Numbers may arrive as text. */
export function toSeconds(value: unknown, key: string): number | undefined {
  if (!isSet(value)) return undefined
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0)
    throw configInvalid(`${key} ${showValue(value)} must be a number of seconds.`)
  return seconds === 0 ? undefined : seconds
}

/** Environment variables that look like numbers or booleans arrive as such. */
export function toText<T>(value: T): T | string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}
