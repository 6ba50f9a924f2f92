import type { ResolvedConfig } from '../config/types'
import type { SessionStore, Alive } from '../store/store'
import type { MaybePromise } from '../utils/maybe-promise'
import type { DeviceKey } from './key'
import type { FailedAttempts } from './failed-attempts'

/** Whether a key has signed a text, by ES256. `false` if the key's point is not on the curve. */
export type VerifySignature = (key: DeviceKey, signature: Uint8Array<ArrayBuffer>, signed: string) => MaybePromise<boolean>

/** What a request of a browser about its key needs. */
export interface DeviceContext {
  env: {
    /** Milliseconds since 1970. */
    now: () => number
    /** SHA-256 in hexadecimal. */
    hash: (text: string) => string
  }
  config: ResolvedConfig
  store: SessionStore
  verify: VerifySignature
  /** Of this process. */
  attempts: FailedAttempts
}

/** The session of such a request, whose browser has not proven its key. */
export interface DeviceSession {
  handle: string
  found: Alive
  /** Whether the URL of the renewal names the session's key. Unset if it names none. */
  isNamed?: boolean
  /** Of its {@link FailedAttempts}. */
  budget: string
}

/** Why a request of a browser about its key is rejected. */
export type DeviceRejection =
  /** There is no token, or it has another form. */
  | 'malformed'
  /** It signs no challenge for this session and purpose, or one that has ended. */
  | 'challenge'
  /** Its challenge was used before. */
  | 'replayed'
  /** Too many requests that show the same of the login have failed in the last minute. */
  | 'throttled'
  /** The signature is not of the session's key. */
  | 'signature'
  /** The session is bound to another key. */
  | 'bound'
  /** There is no such session. */
  | 'session'
