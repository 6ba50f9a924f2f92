import type { ResolvedConfig } from '../config/types'
import { dropProtoKeys } from '../model/data'
import type { RejectReason } from '../model/errors'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { isOfName, isReference, isSession, isTooDeep, mayHoldProtoKeys, rejectReasonOf } from '../model/shape'
import type { SessionReference } from '../model/shape'
import { isExpired, unsealToken } from '../seal/seal'
import type { UnsealResult } from '../seal/seal'
import { readContent } from '../seal/token-cache'
import type { CachedToken } from '../config/opened-tokens'
import type { Session, SessionDataShape } from '../model/types'

/** A session from a token. */
export interface OpenedSession {
  session: Session<SessionDataShape>
  passwordIndex: number
  isFallback: boolean
  /** Of a stored session, if its seal contains the time. */
  sealedAt?: number
}

/** The reference of a token to a stored session. */
export interface OpenedReference {
  reference: SessionReference
  passwordIndex: number
  isFallback: boolean
}

export interface Rejected { reason: RejectReason }

export type TokenResult = OpenedSession | OpenedReference | Rejected

/** Opens a token. Without a store, a reference is rejected. */
export function openToken(token: string, config: ResolvedConfig, now: number): MaybePromise<TokenResult> {
  const cached = config.tokens?.get(token, config)
  if (cached) return readCached(cached, config, now)
  return andThen(unsealToken(token, config, now), opened => toTokenResult(token, opened, config, now))
}

/** Rejects a reference, since there is no store. */
export function requireCookieSession(opened: TokenResult): OpenedSession | Rejected {
  return 'reference' in opened ? { reason: 'malformed' } : opened
}

function toTokenResult(token: string, opened: UnsealResult, config: ResolvedConfig, now: number): TokenResult {
  if (!('value' in opened)) return { reason: opened.reason }
  if (opened.ok && isTooDeep(opened.text)) return { reason: 'malformed' }
  const isPlain = opened.ok && !mayHoldProtoKeys(opened.text)
  if (!isPlain) dropProtoKeys(opened.value)
  const result = toResult(opened.value, opened, config, now)
  // The seal ends with its session, whose reason is more exact.
  if ('reason' in result) return result
  if (!opened.ok) return { reason: opened.reason }
  const { text, expiration, passwordIndex, isFallback } = opened
  if (isPlain) config.tokens?.add({ token, owner: config, content: { text }, expiration, passwordIndex, isFallback }, true)
  return result
}

/** Checks again whether the session has expired. */
function readCached(cached: CachedToken<ResolvedConfig>, config: ResolvedConfig, now: number): TokenResult {
  const { token, expiration } = cached
  const result = toResult(readContent(cached), cached, config, now)
  if (!('reason' in result) && !isExpired(expiration, config, now)) return result
  config.tokens?.delete(token)
  return 'reason' in result ? result : { reason: 'expired' }
}

type Sealing = Pick<OpenedSession, 'passwordIndex' | 'isFallback'>

function toResult(value: unknown, { passwordIndex, isFallback }: Sealing, config: ResolvedConfig, now: number): TokenResult {
  if (isSession(value)) {
    const reason = rejectReasonOf(value, config, now)
    return reason === undefined ? { session: value, passwordIndex, isFallback } : { reason }
  }
  if (config.storage === undefined || !isReference(value)) return { reason: 'malformed' }
  return isOfName(value, config) ? { reference: value, passwordIndex, isFallback } : { reason: 'foreign' }
}

/** Caches a token that was just sealed: the next request sends it. */
export function rememberSealed(token: string, text: string, expiration: string, config: ResolvedConfig): void {
  if (!mayHoldProtoKeys(text)) config.tokens?.add({ token, owner: config, content: { text }, expiration, passwordIndex: 0, isFallback: false })
}
