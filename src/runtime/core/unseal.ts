import type { ResolvedConfig } from './config'
import { dropProtoKeys } from './data'
import type { RejectReason } from './errors'
import { andThen } from './maybe-promise'
import type { MaybePromise } from './maybe-promise'
import { isOfName, isReference, isSession, isTooDeep, mayHoldProtoKeys, refusalOf } from './payload'
import type { SessionReference } from './payload'
import { isOver, unsealToken } from './seal'
import type { UnsealResult } from './seal'
import { readContent } from './token-cache'
import type { CachedToken } from './token-cache'
import type { Session, SessionDataShape } from './types'

/** A session that a token holds, with how it was sealed. */
export interface OpenedSession {
  session: Session<SessionDataShape>
  passwordIndex: number
  isLegacy: boolean
}

/** Where a token says that a session is stored. */
export interface OpenedReference {
  reference: SessionReference
  passwordIndex: number
  isLegacy: boolean
}

export interface Refused { reason: RejectReason }

export type TokenResult = OpenedSession | OpenedReference | Refused

/** What a token holds, or why it holds nothing. Where there is no store, a reference is nothing. */
export function openToken(token: string, config: ResolvedConfig, now: number): MaybePromise<TokenResult> {
  const cached = config.tokens?.get(token, config)
  if (cached) return readCached(cached, config, now)
  return andThen(unsealToken(token, config, now), opened => judge(token, opened, config, now))
}

/** Where there is no store, a reference into one is nothing. */
export function toWhole(opened: TokenResult): OpenedSession | Refused {
  return 'reference' in opened ? { reason: 'malformed' } : opened
}

function judge(token: string, opened: UnsealResult, config: ResolvedConfig, now: number): TokenResult {
  if (!('value' in opened)) return { reason: opened.reason }
  if (opened.ok && isTooDeep(opened.text)) return { reason: 'malformed' }
  const isPlain = opened.ok && !mayHoldProtoKeys(opened.text)
  if (!isPlain) dropProtoKeys(opened.value)
  const payload = toPayload(opened.value, config, now)
  // The seal ends with its session: what the session says is the more exact reason.
  if ('reason' in payload) return payload
  if (!opened.ok) return { reason: opened.reason }
  const { text, expiration, passwordIndex, isLegacy } = opened
  if (isPlain) config.tokens?.add({ token, owner: config, content: { text }, expiration, passwordIndex, isLegacy }, true)
  return sealedAs(payload, passwordIndex, isLegacy)
}

function sealedAs(payload: Exclude<Payload, Refused>, passwordIndex: number, isLegacy: boolean): TokenResult {
  return 'session' in payload
    ? { session: payload.session, passwordIndex, isLegacy }
    : { reference: payload.reference, passwordIndex, isLegacy }
}

/** Asks again what the time may have changed. */
function readCached(cached: CachedToken<ResolvedConfig>, config: ResolvedConfig, now: number): TokenResult {
  const { token, expiration, passwordIndex, isLegacy } = cached
  const payload = toPayload(readContent(cached), config, now)
  if (!('reason' in payload) && !isOver(expiration, config, now)) return sealedAs(payload, passwordIndex, isLegacy)
  config.tokens?.delete(token)
  return 'reason' in payload ? payload : { reason: 'expired' }
}

type Payload = Pick<OpenedSession, 'session'> | Pick<OpenedReference, 'reference'> | Refused

function toPayload(value: unknown, config: ResolvedConfig, now: number): Payload {
  if (isSession(value)) {
    const reason = refusalOf(value, config, now)
    return reason === undefined ? { session: value } : { reason }
  }
  if (config.storage === undefined || !isReference(value)) return { reason: 'malformed' }
  return isOfName(value, config) ? { reference: value } : { reason: 'foreign' }
}

/** What was sealed, and what it gives back, where that is known and nobody else's. */
export interface SealedContent { text: string, value?: unknown }

/** Keeps what was just sealed: it comes back with the next request. */
export function rememberSealed(token: string, { text, value }: SealedContent, expiration: string, config: ResolvedConfig): void {
  if (mayHoldProtoKeys(text)) return
  const content = value === undefined ? { text } : { value }
  config.tokens?.add({ token, owner: config, content, expiration, passwordIndex: 0, isLegacy: false })
}
