import type { Session } from './types'

/** The longest lifetime of a session: 400 days, as browsers limit a cookie's (RFC 6265bis, 5.5). */
export const MAX_LIFETIME_MS = 400 * 24 * 60 * 60 * 1000

// In seconds, for stored sessions without configured lifetimes. Without it, the store would only grow.
const STORED_IDLE_TIMEOUT = 30 * 24 * 60 * 60

/** How long a tombstone is kept, in milliseconds: longer than any request that still has the id. */
export const TOMBSTONE_MS = 60 * 60 * 1000

/** A browser makes its key at once after a login; a slow chip and a slow network need less than this. */
export const REGISTRATION_MS = 5 * 60 * 1000

/**
 * How long the end of a user's sessions or of a lineage is kept: no session that existed before lives longer; the clocks
 * of servers may differ by a day.
 */
export const REVOCATION_MS = MAX_LIFETIME_MS + 24 * 60 * 60 * 1000

type Times = Pick<Session, 'createdAt' | 'lastSeenAt' | 'maxAge' | 'idleTimeout'>
/** The configured lifetimes in seconds. `storage` is set for a stored session. */
export interface Lifetimes {
  maxAge: number | undefined
  idleTimeout: number | undefined
  storage?: string | undefined
}

/** When the session ends, in milliseconds since 1970; `undefined` if it has no lifetimes. */
export function expiresAt(session: Times, config: Lifetimes): number | undefined {
  return earlier(absoluteEnd(session, config), idleEnd(session, idleTimeoutOf(session, config)))
}

export function endedBy(session: Times, config: Lifetimes, now: number): 'expired' | 'idle' | undefined {
  if (now >= latestEnd(session, config)) return 'expired'
  const idle = idleEnd(session, idleTimeoutOf(session, config))
  return idle !== undefined && now >= idle ? 'idle' : undefined
}

/** Whether half of the idle window has passed, so that a read renews it. */
export function isRenewalDue(session: Times, config: Lifetimes, now: number): boolean {
  const seconds = idleTimeoutOf(session, config)
  return seconds !== undefined && now - (session.lastSeenAt ?? session.createdAt) >= seconds * 500
}

/** When the cookie expires; `undefined` for a cookie that ends when the browser closes. */
export function cookieEnd(session: Times, config: Lifetimes, now: number): number | undefined {
  const end = earlier(absoluteEnd(session, config), idleEnd(session, ownIdleTimeout(session, config)))
  return end === undefined ? undefined : Math.min(end, now + MAX_LIFETIME_MS)
}

/** When the session ends even if it is renewed; at most 400 days after it began. */
export function latestEnd(session: Times, config: Lifetimes): number {
  return absoluteEnd(session, config) ?? session.createdAt + MAX_LIFETIME_MS
}

function absoluteEnd({ createdAt, maxAge }: Times, config: Lifetimes): number | undefined {
  const seconds = maxAge ?? config.maxAge
  return seconds === undefined ? undefined : createdAt + Math.min(seconds * 1000, MAX_LIFETIME_MS)
}

function idleEnd({ createdAt, lastSeenAt }: Times, seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : (lastSeenAt ?? createdAt) + seconds * 1000
}

/** The idle timeout in seconds: the session's own, else the configured one. */
export function ownIdleTimeout({ idleTimeout }: Pick<Session, 'idleTimeout'>, config: Lifetimes): number | undefined {
  return idleTimeout === undefined ? config.idleTimeout : idleTimeout || undefined
}

function idleTimeoutOf(session: Times, config: Lifetimes): number | undefined {
  const own = ownIdleTimeout(session, config)
  const hasNone = own === undefined && config.maxAge === undefined && session.maxAge === undefined
  return hasNone && config.storage !== undefined ? STORED_IDLE_TIMEOUT : own
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? one ?? other : Math.min(one, other)
}

/** Whether a seal's end has passed; `''` for none. */
export function hasSealEnded(expiration: string, { seal }: { seal: { timestampSkewSec: number } }, now: number): boolean {
  return expiration !== '' && Number(expiration) <= now - seal.timestampSkewSec * 1000
}
