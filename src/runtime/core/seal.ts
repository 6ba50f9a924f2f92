import { seal as ironSeal, unseal as ironUnseal } from 'iron-webcrypto'
import type { SealOptions } from 'iron-webcrypto'
import type { ResolvedConfig } from './config'
import { expiresAt } from './expiry'
import type { Session } from './types'

/** Longer tokens are refused before any crypto. */
export const MAX_TOKEN_LENGTH = 16 * 1024

const FORMAT = /^Fe26\.2\*\*[^*]+\*[\w-]+\*[\w-]+\*(\d*)\*[^*]+\*[\w-]{43}$/

export type UnsealResult =
  | { ok: true, value: unknown, passwordIndex: number, isLegacy: boolean }
  | { ok: false, reason: 'malformed' | 'tampered' }
  /** Authentic, and past the seal's own end. */
  | { ok: false, reason: 'expired', value: unknown }

/** Seals a session as h3 does; the seal ends when the session does. */
export async function sealSession(session: Session, config: ResolvedConfig, now: number): Promise<string> {
  return ironSeal(cryptoOf(config), session, config.passwords[0] ?? '', {
    ...config.seal,
    ttl: config.sealTtl ?? remainingTime(session, config, now),
    localtimeOffsetMsec: clockOffset(config, now),
  })
}

/**
 * Opens a seal with the first password that fits. Never throws for what came from outside, and tries each
 * password once (twice with `legacySealFallback`).
 */
export async function unsealToken(token: string, config: ResolvedConfig, now: number): Promise<UnsealResult> {
  if (token.length > MAX_TOKEN_LENGTH) return { ok: false, reason: 'malformed' }
  const expiration = FORMAT.exec(token)?.[1]
  if (expiration === undefined) return { ok: false, reason: 'malformed' }
  const opened = await open(token, config, config.seal)
    ?? (isFallbackAllowed(config) ? await open(token, config, withIterations(config.seal, 1)) : undefined)
  if (opened === undefined) return { ok: false, reason: 'tampered' }
  const { value, passwordIndex, iterations } = opened
  if (isOver(expiration, config, now)) return { ok: false, reason: 'expired', value }
  return { ok: true, value, passwordIndex, isLegacy: iterations !== config.seal.integrity.iterations }
}

interface Opened { value: unknown, passwordIndex: number, iterations: number }

async function open(token: string, config: ResolvedConfig, seal: SealOptions): Promise<Opened | undefined> {
  // The end of the seal is checked exactly, after the MAC; iron's own check must not come before it.
  const options = { ...seal, timestampSkewSec: Number.MAX_SAFE_INTEGER }
  for (const [passwordIndex, password] of config.passwords.entries()) {
    try {
      const value = await ironUnseal(cryptoOf(config), token, password, options)
      return { value, passwordIndex, iterations: seal.integrity.iterations }
    }
    catch {
      // Not sealed with this password: the next one may fit.
      continue
    }
  }
  return undefined
}

function isFallbackAllowed(config: ResolvedConfig): boolean {
  return config.legacySealFallback && config.seal.integrity.iterations !== 1
}

/** The same seal with another number of iterations. */
export function withIterations(seal: SealOptions, iterations: number): SealOptions {
  return {
    ...seal,
    encryption: { ...seal.encryption, iterations },
    integrity: { ...seal.integrity, iterations },
  }
}

function isOver(expiration: string, config: ResolvedConfig, now: number): boolean {
  return expiration !== ''
    && Number(expiration) <= now + (config.seal.localtimeOffsetMsec || 0) - config.seal.timestampSkewSec * 1000
}

function remainingTime(session: Session, config: ResolvedConfig, now: number): number {
  const end = expiresAt(session, config)
  return end === undefined ? 0 : Math.max(1, end - now)
}

/** iron reads the system's clock; the offset makes it read ours. */
function clockOffset(config: ResolvedConfig, now: number): number {
  // eslint-disable-next-line no-restricted-syntax -- the difference to the very clock that iron reads
  return (config.seal.localtimeOffsetMsec || 0) + now - Date.now()
}

/** iron's own type asks for a little less than TypeScript's `Crypto` promises. */
function cryptoOf(config: ResolvedConfig): Parameters<typeof ironSeal>[0] {
  return (config.crypto ?? globalThis.crypto) as Parameters<typeof ironSeal>[0]
}
