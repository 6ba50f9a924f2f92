import type { ResolvedConfig } from '../config/types'
import { SessionError } from '../model/errors'
import { expiresAt, hasSealEnded } from '../model/lifetimes'
import { OverloadError } from './keys'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SealOpener, SealParts } from '../config/seal-openers'
import type { Session } from '../model/types'
import { MAX_TOKEN_LENGTH } from '../model/shape'

const PREFIX = 'Fe26.2**'
const MAC = /^[\w-]{43}$/
const EXPIRATION = /^\d*$/
const FORMAT = /^Fe26\.2\*\*[^*]+\*[\w-]+\*[\w-]+\*\d*\*[^*]+\*[\w-]{43}$/

export type UnsealResult =
  | { ok: true, value: unknown, text: string, expiration: string, passwordIndex: number, isFallback: boolean }
  | { ok: false, reason: 'malformed' | 'tampered' | 'overloaded' }
  /** The MAC is right, but the seal has ended. */
  | { ok: false, reason: 'expired', value: unknown, passwordIndex: number, isFallback: boolean }

/** Seals a session as h3 does. The seal ends with the session. @throws SESSION_PASSWORD_MISSING */
export function sealSession(session: Session, config: ResolvedConfig, now: number): MaybePromise<string> {
  return sealText(JSON.stringify(session), sealEnd(session, config, now), config, now)
}

/** Seals the JSON of a session; `expiration` comes from {@link sealEnd}. */
export function sealText(text: string, expiration: string, config: ResolvedConfig, now: number): MaybePromise<string> {
  const sealer = config.openers[0]
  if (!sealer) throw new SessionError('SESSION_PASSWORD_MISSING', 'there is no password to seal the session with. Set one in the environment.')
  return sealer.codec.seal(text, expiration, now)
}

/** The end of a session's seal, as text: milliseconds since 1970, or `''` for none. */
export function sealEnd(session: Session, config: ResolvedConfig, now: number): string {
  const end = expiresAt(session, config)
  const time = config.sealTtl ?? (end === undefined ? 0 : Math.max(1, end - now))
  return time ? String(Math.ceil(now + time)) : ''
}

/** Never throws for an invalid token. Tries every password, also the rotated ones: once, or twice with `legacySealFallback`. */
export function unsealToken(token: string, config: ResolvedConfig, now: number): MaybePromise<UnsealResult> {
  const parts = parseSeal(token)
  return parts ? tryOpeners(parts, config, now, 0) : { ok: false, reason: 'malformed' }
}

function tryOpeners(parts: SealParts, config: ResolvedConfig, now: number, index: number): MaybePromise<UnsealResult> {
  const opener = config.openers[index]
  if (opener === undefined) {
    config.openers[0]?.codec.addForged?.(parts)
    // Only rejected tokens need the full check of the format.
    return { ok: false, reason: isWellFormed(parts.token) ? 'tampered' : 'malformed' }
  }
  const text = opener.codec.open(parts)
  return text instanceof Promise ? text.then(readOpened.bind(undefined, parts, config, now, index), toOverloaded) : readOpened(parts, config, now, index, text)
}

/** `text` is what the opener with this index returned. */
function readOpened(parts: SealParts, config: ResolvedConfig, now: number, index: number, text: string | undefined): MaybePromise<UnsealResult> {
  return text === undefined ? tryOpeners(parts, config, now, index + 1) : read(text, parts.expiration, config.openers[index]!, config, now)
}

function toOverloaded(error: unknown): UnsealResult {
  if (error instanceof OverloadError) return { ok: false, reason: 'overloaded' }
  throw error
}

function read(text: string, expiration: string, { passwordIndex, isFallback }: SealOpener, config: ResolvedConfig, now: number): UnsealResult {
  let value: unknown
  try {
    // iron opens an empty text as null.
    value = text === '' ? null : JSON.parse(text)
  }
  catch {
    return { ok: false, reason: 'tampered' }
  }
  if (hasSealEnded(expiration, config, now)) return { ok: false, reason: 'expired', value, passwordIndex, isFallback }
  return { ok: true, value, text, expiration, passwordIndex, isFallback }
}

/** Splits a seal with an empty password id into its parts; `undefined` if the token does not have that form. */
export function parseSeal(token: string): SealParts | undefined {
  if (token.length > MAX_TOKEN_LENGTH || !token.startsWith(PREFIX)) return undefined
  const [encryptionSalt, iv, ciphertext, expiration = '', integritySalt, mac = '', more] = token.slice(PREFIX.length).split('*', 7)
  if (!encryptionSalt || !iv || !ciphertext || !integritySalt || more !== undefined) return undefined
  if (!EXPIRATION.test(expiration) || !MAC.test(mac)) return undefined
  const base = token.slice(0, -(integritySalt.length + mac.length + 2))
  return { token, encryptionSalt, iv, ciphertext, expiration, integritySalt, base, mac, derivedIterations: 0 }
}

/** Whether every part has only the characters that iron writes. Needed only after the MAC was wrong. */
export function isWellFormed(token: string): boolean {
  return FORMAT.test(token)
}

/** The part of a seal that the MAC covers. */
export function sealBase(encryptionSalt: string, iv: string, ciphertext: string, expiration: string): string {
  return `${PREFIX}${encryptionSalt}*${iv}*${ciphertext}*${expiration}`
}
