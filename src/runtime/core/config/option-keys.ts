import { isDataObject } from '../model/data'
import { configInvalid, showValue } from '../model/errors'
import { isSet } from './parse'
import type { DeviceBoundOptions, SessionConfig, SessionCookieOptions, SessionRecordOptions, SessionRuntimeConfig } from '../model/types'

/** The keys of an object of options, each unset; those of nested objects below them. */
export interface Keys { readonly [key: string]: '' | Keys }

const SEAL_PART = { saltBits: '', algorithm: '', iterations: '', minPasswordlength: '' } as const

export const SESSION_KEYS = {
  preset: '', password: '', name: '', maxAge: '', idleTimeout: '',
  cookie: {
    domain: '', path: '', httpOnly: '', secure: '', sameSite: '', partitioned: '', priority: '', maxAge: '', expires: '', encode: '',
    chunkMaxLength: '', maxBytes: '',
  } satisfies Record<keyof SessionCookieOptions, ''>,
  sessionHeader: '', saveUninitialized: '', acceptUnnamed: '', legacySealFallback: '', storage: '', migrateUntil: '', maxUserSessions: '', storeTimeout: '',
  deviceBound: { lifetime: '' } satisfies Record<keyof DeviceBoundOptions, ''>,
  record: { ip: '', userAgent: '' } satisfies Record<keyof SessionRecordOptions, ''>,
  caches: '', cacheHeaders: '', generateId: '', crypto: '',
  seal: { encryption: SEAL_PART, integrity: SEAL_PART, ttl: '', timestampSkewSec: '', localtimeOffsetMsec: '' },
} satisfies Record<keyof SessionConfig, '' | Keys>

/** The app's options that every `runtimeConfig.session` has. */
const APP_KEYS = { named: '', clientKeys: '', clientRoute: '', crossOrigin: '', trustedOrigins: '' } as const

export const RUNTIME_KEYS = {
  ...SESSION_KEYS, ...APP_KEYS, sharedWith: '', ownName: '',
} satisfies Record<keyof SessionRuntimeConfig, '' | Keys>

/**
 * Refuses unknown options of a call, whose effect would be lost. Options of the app are no mistake in a copy of
 * `runtimeConfig.session`, which always has all of them. @throws SESSION_CONFIG_INVALID
 */
export function assertCallKeys(call: SessionConfig | undefined): void {
  const isCopy = call !== undefined && Object.keys(APP_KEYS).every(key => Object.hasOwn(call, key))
  assertKeys(call, isCopy ? RUNTIME_KEYS : SESSION_KEYS, '', 'the second argument of the call')
}

/** Refuses options of a function that are unknown or not an object, because they would have no effect. @throws SESSION_CONFIG_INVALID */
export function assertOptions(options: unknown, known: Keys, { of, example, hint }: { of: string, example: string, hint: string }): void {
  if (options !== undefined && !isDataObject(options)) throw configInvalid(`${of} got the options ${showValue(options)}. Give an object, such as ${example}.`)
  assertKeys(options, known, '', of, hint)
}

/**
 * Refuses a name without options that is close to a configured one. Names may differ in digits, such as `cart1`.
 * @throws SESSION_CONFIG_INVALID
 */
export function assertSessionName(name: string, configured: readonly string[]): void {
  const letters = (text: string) => text.replaceAll(/\d/g, '')
  const nearest = configured.includes(name) ? undefined : nearestOf(name, configured)
  if (nearest !== undefined && letters(nearest) !== letters(name))
    throw configInvalid(`the session "${name}" has no options. Did you mean "${nearest}"? Otherwise add it to "named", if only as an empty object.`)
}

export function assertRuntimeKeys(runtime: SessionRuntimeConfig | undefined, where = 'session in nuxt.config or runtimeConfig'): void {
  assertKeys(runtime, RUNTIME_KEYS, '', where)
  for (const [name, options] of Object.entries(runtime?.named ?? {})) assertKeys(options, SESSION_KEYS, `named.${name}.`, where)
}

function assertKeys(options: unknown, known: Keys, path: string, where: string, hint = 'Remove it, or look its name up in the reference.'): void {
  if (!isDataObject(options)) return
  for (const [key, value] of Object.entries(options)) {
    const below = Object.hasOwn(known, key) ? known[key] : undefined
    if (below === undefined && isSet(value)) throw configInvalid(messageOf(path, key, Object.keys(known), where, hint))
    if (below) assertKeys(value, below, `${path}${key}.`, where, hint)
  }
}

function messageOf(path: string, key: string, known: string[], where: string, hint: string): string {
  const nearest = nearestOf(key, known)
  const fix = nearest === undefined ? hint : `Did you mean "${path}${nearest}"?`
  return `${where} has an unknown option "${path}${key}". ${fix}`
}

/** The candidate with the fewest different letters, if these are at most two. */
export function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  const found = candidates.map(candidate => ({ candidate, distance: distanceOf(plain(word), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, candidate.length / 2))
    .toSorted((one, other) => one.distance - other.distance)
  return found[0]?.candidate
}

function plain(word: string): string {
  return word.replaceAll(/[^a-z\d]/gi, '').toLowerCase()
}

/** How many letters must be changed, added or removed (Levenshtein's distance). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 0; at < one.length; at++) {
    const next = [at + 1]
    for (let index = 0; index < other.length; index++)
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (one[at] === other[index] ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
