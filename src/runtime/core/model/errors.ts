/** The stable names of errors. */
export type SessionErrorCode =
  /** No password is set. Logged when the server starts, thrown when a session is used. */
  | 'SESSION_PASSWORD_MISSING'
  /** A password of fewer than 32 characters. Stops the server when it starts. */
  | 'SESSION_PASSWORD_WEAK'
  /** A wrong type, a missing mount, or a cookie that browsers refuse: `SameSite=None` or `Partitioned` without Secure, `__Http-` without HttpOnly, a broken `__Host-` or `__Secure-` name. */
  | 'SESSION_CONFIG_INVALID'
  /** The cookies would exceed `cookie.maxBytes`. */
  | 'SESSION_TOO_LARGE'
  /** The data contains a value that JSON would drop or change silently. The message has its path. */
  | 'SESSION_NOT_SERIALIZABLE'
  /** A write without a response that could send the cookie, such as in a WebSocket peer. */
  | 'SESSION_READONLY'
  /** A write after the response headers were sent. */
  | 'SESSION_HEADERS_SENT'
  /** A session is used in a response that is served to others: in a cached handler whose cache key does not vary by the session's cookie or header, or in a route with an `isr` rule. Also if a session would begin in a cached handler, or is written while prerendering. */
  | 'SESSION_CACHED_ROUTE'
  /** An administration call, or `maxUserSessions` or `deviceBound`, without a store. */
  | 'SESSION_STORE_REQUIRED'
  /** The store fails or does not answer within `storeTimeout`, or a write waited too long for earlier ones of its session. No session ends because of it. The message says whether a change may have been written. */
  | 'SESSION_STORE_UNAVAILABLE'
  /** The session ended or got a new id during the request, its browser did not prove its key for now, or a write failed 10 times because of concurrent writes. Nothing was written. */
  | 'SESSION_CONFLICT'

const STATUS: Partial<Record<SessionErrorCode, number>> = {
  SESSION_STORE_UNAVAILABLE: 503,
  SESSION_CONFLICT: 409,
}

/**
 * A mistake of the developer or a failure of the system, never caused by a client's input. The message contains the
 * problem and its fix, but never a seal, a password or session data.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  /** HTTP status of the response if the error is not caught: 500, 503 or 409. */
  readonly statusCode: number

  constructor(readonly code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(`[nuxt-h3-session] ${code}: ${message}`, options)
    this.statusCode = STATUS[code] ?? 500
  }
}

export function configInvalid(message: string): SessionError {
  return new SessionError('SESSION_CONFIG_INVALID', message)
}

/** `what`: the call or option that needs a store. */
export function storeRequired(what: string): SessionError {
  return new SessionError('SESSION_STORE_REQUIRED',
    `${what} needs sessions in a store. Cookie sessions exist only in browsers. Set storage, such as NUXT_SESSION_STORAGE=session.`)
}

/** Formats a value for error messages: short, on one line, without the content of objects. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  return value === null || typeof value !== 'object' ? String(value) : `of type ${Array.isArray(value) ? 'array' : 'object'}`
}

/**
 * Why a token was rejected: `malformed`, `tampered`, `expired`, `idle`, `revoked`, `superseded`, `foreign`,
 * `unproven` (bound to a browser's key, and the request does not prove it), `overloaded` (not checked because of too many unknown seals at once, only with more than one iteration), or the
 * app's reason in `info.reject(reason)`.
 */
export type RejectReason =
  | 'malformed' | 'tampered' | 'expired' | 'idle' | 'revoked' | 'superseded' | 'foreign' | 'unproven' | 'overloaded'
  | (string & Record<never, never>)

/** Thrown by functions that open a given seal, if it is rejected. Requests never throw it. */
export class SealRejectedError extends Error {
  override readonly name = 'SealRejectedError'

  constructor(readonly reason: RejectReason) {
    super(`[nuxt-h3-session] The seal was rejected: ${reason}.`)
  }
}
