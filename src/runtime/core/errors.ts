/** What went wrong, as a name that programs can rely on. */
export type SessionErrorCode =
  | 'SESSION_PASSWORD_MISSING'
  | 'SESSION_PASSWORD_WEAK'
  | 'SESSION_CONFIG_INVALID'
  | 'SESSION_TOO_LARGE'
  | 'SESSION_NOT_SERIALIZABLE'
  | 'SESSION_READONLY'
  | 'SESSION_HEADERS_SENT'
  | 'SESSION_CACHED_ROUTE'
  | 'SESSION_STORE_REQUIRED'
  | 'SESSION_STORE_UNAVAILABLE'
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

/**
 * Why a token is no session: `malformed`, `tampered`, `expired`, `idle`, `revoked`, `superseded`, `foreign`,
 * or what the app said by `info.reject(reason)`.
 */
export type RejectReason =
  | 'malformed' | 'tampered' | 'expired' | 'idle' | 'revoked' | 'superseded' | 'foreign'
  | (string & Record<never, never>)

/** Thrown where a seal is given to be opened, not by requests: it is no session, and why. */
export class SealRefusedError extends Error {
  override readonly name = 'SealRefusedError'

  constructor(readonly reason: RejectReason) {
    super(`[nuxt-h3-session] The seal was refused: ${reason}.`)
  }
}
