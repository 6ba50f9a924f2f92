import type { ResolvedConfig } from './config'
import { SealRefusedError } from './errors'
import type { RejectReason } from './errors'
import { andThen } from './maybe-promise'
import type { MaybePromise } from './maybe-promise'
import { isSession, mayHoldProtoKeys, refusalOf, toSession } from './payload'
import { isOver, unsealToken } from './seal'
import type { UnsealResult } from './seal'
import type { CachedToken } from './token-cache'
import type { Session, SessionDataShape } from './types'

export type TokenResult =
  | { session: Session<SessionDataShape>, passwordIndex: number, isLegacy: boolean }
  | { reason: RejectReason }

/** The session that a token holds, or why it holds none. */
export function openToken(token: string, config: ResolvedConfig, now: number): MaybePromise<TokenResult> {
  const cached = config.tokens?.get(token, config)
  if (cached) return readCached(cached, config, now)
  return andThen(unsealToken(token, config, now), opened => judge(token, opened, config, now))
}

function judge(token: string, opened: UnsealResult, config: ResolvedConfig, now: number): TokenResult {
  if (!('value' in opened)) return { reason: opened.reason }
  const session = toSession(opened.value)
  if (!session) return { reason: 'malformed' }
  // The seal ends with its session: what the session says is the more exact reason.
  const reason = refusalOf(session, config, now)
  if (!opened.ok) return { reason: reason ?? opened.reason }
  if (reason !== undefined) return { reason }
  const { text, expiration, passwordIndex, isLegacy } = opened
  remember({ token, owner: config, text, expiration, passwordIndex, isLegacy })
  return { session, passwordIndex, isLegacy }
}

/** Asks again what the time may have changed. */
function readCached({ token, text, expiration, passwordIndex, isLegacy }: CachedToken<ResolvedConfig>, config: ResolvedConfig, now: number): TokenResult {
  const session: unknown = JSON.parse(text)
  if (!isSession(session)) return { reason: 'malformed' }
  const reason = refusalOf(session, config, now) ?? (isOver(expiration, config, now) ? 'expired' : undefined)
  if (reason === undefined) return { session, passwordIndex, isLegacy }
  config.tokens?.delete(token)
  return { reason }
}

/** Keeps what was just sealed: it comes back with the next request. */
export function rememberSealed(token: string, text: string, expiration: string, config: ResolvedConfig): void {
  remember({ token, owner: config, text, expiration, passwordIndex: 0, isLegacy: false })
}

function remember(entry: CachedToken<ResolvedConfig>): void {
  const { tokens } = entry.owner
  if (tokens && !mayHoldProtoKeys(entry.text)) tokens.add(entry)
}

/** @throws SealRefusedError */
export async function assertOpened(token: string, config: ResolvedConfig, now: number): Promise<Session<SessionDataShape>> {
  const result = await openToken(String(token), config, now)
  if ('reason' in result) throw new SealRefusedError(result.reason)
  return result.session
}
