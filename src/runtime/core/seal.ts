import type { ResolvedConfig } from './config'
import { SessionError } from './errors'
import { expiresAt, latestEnd } from './expiry'
import { OverloadError } from './key-derivation'
import { andThen } from './maybe-promise'
import type { MaybePromise } from './maybe-promise'
import { createOpeners, withIterations } from './seal-codec'
import type { SealOpener } from './seal-codec'
import { isWellFormed, parseSeal } from './seal-format'
import type { SealParts } from './seal-format'
import type { Session } from './types'

export type UnsealResult =
  | { ok: true, value: unknown, text: string, expiration: string, passwordIndex: number, isFallback: boolean }
  | { ok: false, reason: 'malformed' | 'tampered' | 'overloaded' }
  /** Authentic, and past the seal's own end. */
  | { ok: false, reason: 'expired', value: unknown, passwordIndex: number, isFallback: boolean }

/** Seals a session as h3 does; the seal ends when the session does. @throws SESSION_PASSWORD_MISSING */
export function sealSession(session: Session, config: ResolvedConfig, now: number): MaybePromise<string> {
  return sealText(JSON.stringify(session), sealEnd(session, config, now), config, now)
}

/** Seals where a stored session lies; the seal ends when the session does however much it is used. */
export function sealReference({ id, ...session }: Session, config: ResolvedConfig, now: number): MaybePromise<string> {
  const end = config.sealTtl ? Math.min(latestEnd(session, config), now + config.sealTtl) : latestEnd(session, config)
  return sealText(JSON.stringify({ id, name: config.name, sealedAt: now }), String(Math.ceil(end)), config, now)
}

/** Seals what was made of a session; `expiration` is {@link sealEnd}'s. */
export function sealText(text: string, expiration: string, config: ResolvedConfig, now: number): MaybePromise<string> {
  const sealer = config.openers[0]
  if (!sealer) throw new SessionError('SESSION_PASSWORD_MISSING', 'there is no password to seal the session with. Set one by the environment.')
  return sealer.codec.seal(text, expiration, now)
}

/** When the session's seal ends, as it stands in the seal: milliseconds since 1970, or `''`. */
export function sealEnd(session: Session, config: ResolvedConfig, now: number): string {
  const time = config.sealTtl ?? remainingTime(session, config, now)
  return time ? String(Math.ceil(now + time)) : ''
}

/**
 * Opens a seal with the first password that fits. Never throws for what came from outside, and tries each
 * password once (twice with `legacySealFallback`).
 */
export function unsealToken(token: string, config: ResolvedConfig, now: number): MaybePromise<UnsealResult> {
  const parts = parseSeal(token)
  if (parts === undefined) return { ok: false, reason: 'malformed' }
  return tryOpeners(parts, config, now, 0)
}

function tryOpeners(parts: SealParts, config: ResolvedConfig, now: number, index: number): MaybePromise<UnsealResult> {
  const opener = config.openers[index]
  // Only now does it matter what exactly is wrong.
  if (opener === undefined) return { ok: false, reason: isWellFormed(parts.token) ? 'tampered' : 'malformed' }
  const opened = opener.codec.open(parts)
  return andThen(opened instanceof Promise ? opened.catch(asUnchecked) : opened, (text) => {
    if (text === UNCHECKED) return { ok: false, reason: 'overloaded' }
    return text === undefined ? tryOpeners(parts, config, now, index + 1) : read(text, parts.expiration, opener, config, now)
  })
}

const UNCHECKED = Symbol('unchecked')

function asUnchecked(error: unknown): typeof UNCHECKED {
  if (error instanceof OverloadError) return UNCHECKED
  throw error
}

function read(text: string, expiration: string, { passwordIndex, isFallback }: SealOpener, config: ResolvedConfig, now: number): UnsealResult {
  const value = parse(text)
  if (value === undefined) return { ok: false, reason: 'tampered' }
  if (isOver(expiration, config, now)) return { ok: false, reason: 'expired', value, passwordIndex, isFallback }
  return { ok: true, value, text, expiration, passwordIndex, isFallback }
}

/** What was sealed; `undefined` for an authentic text that is no JSON. */
function parse(text: string): unknown {
  try {
    // iron reads nothing as null.
    return text === '' ? null : JSON.parse(text)
  }
  catch {
    return undefined
  }
}

/** Whether the end that stands in a seal has come. */
export function isOver(expiration: string, { seal }: ResolvedConfig, now: number): boolean {
  return expiration !== '' && Number(expiration) <= now - seal.timestampSkewSec * 1000
}

/** The configuration with seals of another number of iterations. */
export function withSealIterations(config: ResolvedConfig, iterations: number): ResolvedConfig {
  const changed = { ...config, seal: withIterations(config.seal, iterations), legacySealFallback: false }
  return { ...changed, openers: createOpeners(config.createCodec, changed) }
}

function remainingTime(session: Session, config: ResolvedConfig, now: number): number {
  const end = expiresAt(session, config)
  return end === undefined ? 0 : Math.max(1, end - now)
}
