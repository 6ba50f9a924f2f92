import type { ResolvedConfig } from './config'
import type { Session } from './types'

/** RFC 6265bis, 5.5: browsers keep a cookie for 400 days at most; no session outlives that. */
export const MAX_LIFETIME_MS = 400 * 24 * 60 * 60 * 1000

type Times = Pick<Session, 'createdAt' | 'lastSeenAt' | 'maxAge'>
type Lifetimes = Pick<ResolvedConfig, 'maxAge' | 'idleTimeout'>

/** When the session ends in milliseconds, or `undefined` when it has no lifetimes. */
export function expiresAt(session: Times, config: Lifetimes): number | undefined {
  const ends = [absoluteEnd(session, config), idleEnd(session, config)].filter(end => end !== undefined)
  return ends.length > 0 ? Math.min(...ends) : undefined
}

/** Why the session has ended at `now`, if it has. */
export function endedBy(session: Times, config: Lifetimes, now: number): 'expired' | 'idle' | undefined {
  if (now >= (absoluteEnd(session, config) ?? session.createdAt + MAX_LIFETIME_MS)) return 'expired'
  const idle = idleEnd(session, config)
  return idle !== undefined && now >= idle ? 'idle' : undefined
}

/** Whether half of the idle window has passed, so that a read renews it. */
export function isRenewalDue(session: Times, config: Lifetimes, now: number): boolean {
  if (config.idleTimeout === undefined) return false
  return now - (session.lastSeenAt ?? session.createdAt) >= config.idleTimeout * 500
}

/** When the browser shall drop the cookie; `undefined`: when it closes. */
export function cookieEnd(session: Times, config: Lifetimes, now: number): number | undefined {
  const end = expiresAt(session, config)
  return end === undefined ? undefined : Math.min(end, now + MAX_LIFETIME_MS)
}

function absoluteEnd(session: Times, config: Lifetimes): number | undefined {
  const seconds = session.maxAge ?? config.maxAge
  return seconds === undefined ? undefined : session.createdAt + Math.min(seconds * 1000, MAX_LIFETIME_MS)
}

function idleEnd(session: Times, config: Lifetimes): number | undefined {
  return config.idleTimeout === undefined
    ? undefined
    : (session.lastSeenAt ?? session.createdAt) + config.idleTimeout * 1000
}
