/** What went wrong, as a name that programs can rely on. */
export type SessionErrorCode =
  /** No password. Logged when the server starts, thrown where a session is used. */
  | 'SESSION_PASSWORD_MISSING'
  /** A password of fewer than 32 characters. Stops the server when it starts. */
  | 'SESSION_PASSWORD_WEAK'
  /** A wrong type, a mount that is not there, or a cookie that browsers refuse: `SameSite=None` or `Partitioned` without Secure, a broken `__Host-` or `__Secure-` name. */
  | 'SESSION_CONFIG_INVALID'
  /** The cookies would exceed `cookie.maxBytes`. */
  | 'SESSION_TOO_LARGE'
  /** Data that JSON would lose without a word, named by its path. */
  | 'SESSION_NOT_SERIALIZABLE'
  /** A write where no response can carry it, such as a WebSocket peer. */
  | 'SESSION_READONLY'
  /** A write after the headers went out. */
  | 'SESSION_HEADERS_SENT'
  /** A session used where its answer would be served to others: in a cached handler whose key does not keep visitors apart by the session's cookie or header, or in a route with an `isr` rule. A session that would begin in a cached handler, or is written while prerendering. */
  | 'SESSION_CACHED_ROUTE'
  /** An administration call without a store. */
  | 'SESSION_STORE_REQUIRED'
  /** The store fails, or is silent for `storeTimeout`. Nobody is logged out. A write may or may not have been written. */
  | 'SESSION_STORE_UNAVAILABLE'
  /** The session ended, or got a new id, while the request was at work or on its way, or a write lost its race 10 times. Nothing was written. */
  | 'SESSION_CONFLICT'

const STATUS: Partial<Record<SessionErrorCode, number>> = {
  SESSION_STORE_UNAVAILABLE: 503,
  SESSION_CONFLICT: 409,
}

/**
 * A mistake of the developer or a failure of the system. Input from outside never causes one.
 *
 * The message says what happened and how to mend it; it never contains a seal, a password or session data.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  /** HTTP status of the answer when nobody catches the error: 500, 503 or 409. */
  readonly statusCode: number

  constructor(readonly code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(`[nuxt-h3-session] ${code}: ${message}`, options)
    this.statusCode = STATUS[code] ?? 500
  }
}

/** A {@link SessionError} for a wrong configuration. */
export function configInvalid(message: string): SessionError {
  return new SessionError('SESSION_CONFIG_INVALID', message)
}

/** A value as error messages show it: short, on one line, without the content of an object. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  return value === null || typeof value !== 'object' ? String(value) : `of type ${Array.isArray(value) ? 'array' : 'object'}`
}

/**
 * Why a token is no session: `malformed`, `tampered`, `expired`, `idle`, `revoked`, `superseded`, `foreign`,
 * `overloaded` (with more than one iteration, and too many unknown seals at once: it was not checked), or what the app
 * said by `info.reject(reason)`.
 */
export type RejectReason =
  | 'malformed' | 'tampered' | 'expired' | 'idle' | 'revoked' | 'superseded' | 'foreign' | 'overloaded'
  | (string & Record<never, never>)

/** Thrown where a seal is given to be opened, not by requests: it is no session, and why. */
export class SealRefusedError extends Error {
  override readonly name = 'SealRefusedError'

  constructor(readonly reason: RejectReason) {
    super(`[nuxt-h3-session] The seal was refused: ${reason}.`)
  }
}
