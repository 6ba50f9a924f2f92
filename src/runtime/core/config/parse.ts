import { configInvalid, SessionError, showValue, storeRequired } from '../model/errors'
import type { SessionRecordOptions } from '../model/types'

export const DEFAULT_MOUNT = 'session'

// iron's minimum, in characters.
const MIN_PASSWORD_LENGTH = 32
// A forged token costs one MAC for each password.
const MAX_PASSWORDS = 4

/** Whether an option is set: `''`, `null` and `undefined` mean unset. */
export function isSet<T>(value: T): value is Exclude<T, '' | null | undefined> {
  return value !== undefined && value !== null && (value as unknown) !== ''
}

/** Nuxt converts environment variables that look like a number or a boolean. */
export function toText<T>(value: T): T | string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

export function toBoolean(value: unknown, key: string): boolean {
  if (typeof value !== 'boolean') throw configInvalid(`${key} ${showValue(value)} must be true or false.`)
  return value
}

export function toCaches(value: unknown): boolean | 'keys' {
  if (typeof value !== 'boolean' && value !== 'keys') throw configInvalid(`caches ${showValue(value)} must be true, "keys" or false.`)
  return value
}

export function toTyped<T>(value: T, key: string, type: 'function' | 'object'): T {
  if (value !== undefined && typeof value !== type) throw configInvalid(`${key} ${showValue(value)} must be of type ${type}.`)
  return value
}

/** As in h3, 0 means no limit, and so does `false`. The environment may give numbers as text. */
export function toSeconds(value: unknown, key: string): number | undefined {
  if (!isSet(value) || value === false) return undefined
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0)
    throw configInvalid(`${key} ${showValue(value)} must be a number of seconds, such as 3600.`)
  return seconds === 0 ? undefined : seconds
}

export function toMilliseconds(value: unknown, key: string): number {
  const milliseconds = Number(value)
  if (!Number.isFinite(milliseconds) || milliseconds < 1) throw configInvalid(`${key} ${showValue(value)} must be a number of milliseconds above 0.`)
  return milliseconds
}

/** A point in time in milliseconds since 1970. */
export function toTime(value: unknown, key: string): number | undefined {
  if (!isSet(value) || value === false) return undefined
  // A year from the environment arrives as a number.
  const date = typeof value === 'number' && value < 10_000 ? String(value) : value
  const time = date instanceof Date || typeof date === 'string' || typeof date === 'number' ? new Date(date).getTime() : Number.NaN
  if (Number.isNaN(time)) throw configInvalid(`${key} ${showValue(date)} must be a date, such as "2027-01-31".`)
  return time
}

export function toStorage(value: unknown): string | undefined {
  if (!isSet(value) || value === false) return undefined
  if (value === true) return DEFAULT_MOUNT
  const mount = toText(value)
  if (typeof mount !== 'string') throw configInvalid(`storage ${showValue(value)} must be the name of an unstorage mount, or true.`)
  return mount.replaceAll(/[:/\\]+/g, ':').replace(/:$/, '')
}

/** The environment may give the number as text. */
export function toSessionLimit(value: unknown, storage: string | undefined): number | undefined {
  if (!isSet(value) || value === false) return undefined
  const limit = typeof value === 'string' ? Number(value) : value
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1)
    throw configInvalid(`maxUserSessions ${showValue(value)} must be a whole number above 0, such as 5, or false for no limit.`)
  if (storage === undefined) throw storeRequired('maxUserSessions')
  return limit
}

export function toRecordOptions(value: unknown): SessionRecordOptions {
  if (value === false) return {}
  const { ip, userAgent } = value as { ip?: unknown, userAgent?: unknown }
  const isKnown = typeof value === 'object' && (!isSet(ip) || ip === false || ip === 'socket' || ip === 'forwarded')
    && (!isSet(userAgent) || typeof userAgent === 'boolean')
  if (!isKnown)
    throw configInvalid('record must be false or an object such as { ip: \'socket\', userAgent: true }; ip is "socket" or "forwarded".')
  return { ip: (ip || false) as SessionRecordOptions['ip'], userAgent: userAgent === true }
}

/** Nuxt converts digits in the environment to a number. If the password `isFromCode`, a number is a mistake. */
export function toPasswords(password: string | string[] | undefined, isFromCode: boolean, variable: string): readonly string[] {
  const given: unknown[] = [password ?? []].flat()
  const list = isFromCode ? given : given.map(toText)
  if (!isSet(list[0])) {
    throw new SessionError('SESSION_PASSWORD_MISSING',
      `no password to seal sessions with. Set the environment variable ${variable} to a random text of at least ${MIN_PASSWORD_LENGTH} characters.`)
  }
  if (list.length > MAX_PASSWORDS)
    throw configInvalid(`password has ${list.length} entries, at most ${MAX_PASSWORDS} are tried. Remove the oldest.`)
  return list.map((entry) => {
    if (typeof entry !== 'string') throw configInvalid('password must be a string or an array of strings.')
    if (entry.length >= MIN_PASSWORD_LENGTH) return entry
    throw new SessionError('SESSION_PASSWORD_WEAK',
      `a password has ${entry.length} ${entry.length === 1 ? 'character' : 'characters'}, at least ${MIN_PASSWORD_LENGTH} are needed. Set ${variable} to a longer random text.`)
  })
}

/** Returns the environment variable for the password of a named session. */
export function variableOf(passwordVariable: string, name: string): string {
  return passwordVariable.replace(/PASSWORD$/, `NAMED_${toVariable(name)}_PASSWORD`)
}

/** Writes a key or a name as in an environment variable: `maxAge` is `MAX_AGE`. */
export function toVariable(key: string): string {
  return key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/[^a-z\d]+/gi, '_').toUpperCase()
}
