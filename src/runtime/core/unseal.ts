import type { ResolvedConfig } from './config'
import { SealRefusedError } from './errors'
import type { RejectReason } from './errors'
import { refusalOf, toSession } from './payload'
import { unsealToken } from './seal'
import type { Session, SessionDataShape } from './types'

export type TokenResult =
  | { session: Session<SessionDataShape>, passwordIndex: number, isLegacy: boolean }
  | { reason: RejectReason }

/** The session that a token holds, or why it holds none. */
export async function openToken(token: string, config: ResolvedConfig, now: number): Promise<TokenResult> {
  const opened = await unsealToken(token, config, now)
  if (!('value' in opened)) return { reason: opened.reason }
  const session = toSession(opened.value)
  if (!session) return { reason: 'malformed' }
  // The seal ends with its session: what the session says is the more exact reason.
  const reason = refusalOf(session, config, now)
  if (!opened.ok) return { reason: reason ?? opened.reason }
  return reason === undefined ? { session, passwordIndex: opened.passwordIndex, isLegacy: opened.isLegacy } : { reason }
}

/** @throws SealRefusedError */
export async function assertOpened(token: string, config: ResolvedConfig, now: number): Promise<Session<SessionDataShape>> {
  const result = await openToken(String(token), config, now)
  if ('reason' in result) throw new SealRefusedError(result.reason)
  return result.session
}
