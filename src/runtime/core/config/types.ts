import type { SealOptions } from 'iron-webcrypto'
import type { SessionCookieOptions, SessionRecordOptions } from '../model/types'
import type { CookieTemplate } from './cookie-template'
import type { OpenedTokens } from './opened-tokens'
import type { CreateSealCodec, SealOpener } from './seal-openers'

export interface ResolvedCookie extends Omit<SessionCookieOptions, 'secure'> {
  path: string
  /** `'auto'`: Secure, except in development over plain HTTP. */
  secure: boolean | 'auto'
  chunkMaxLength: number
  maxBytes: number
  /** Its lines, with and without Secure. */
  template: { secure: CookieTemplate, plain: CookieTemplate }
}

/** The options of one session, complete and checked. */
export interface ResolvedConfig {
  readonly name: string
  /** The first seals, all unseal. */
  readonly passwords: readonly string[]
  /** Seconds. */
  readonly maxAge: number | undefined
  /** Seconds. */
  readonly idleTimeout: number | undefined
  readonly cookie: false | ResolvedCookie
  /** Another module whose h3 reads the same cookie, and no chunks. */
  readonly sharedWith: string | undefined
  readonly sessionHeader: string | false
  /** The request headers on which a response that used the session depends. */
  readonly vary: readonly string[]
  /** The mount that keeps the sessions; unset: the cookie holds them. */
  readonly storage: string | undefined
  /** Milliseconds. */
  readonly storeTimeout: number
  /** Milliseconds since 1970. */
  readonly migrateUntil: number | undefined
  readonly record: SessionRecordOptions
  readonly saveUninitialized: boolean
  readonly acceptUnnamed: boolean
  readonly legacySealFallback: boolean
  /** Whether derived keys are kept in memory. */
  readonly isCached: boolean
  readonly cacheHeaders: boolean
  readonly seal: SealOptions
  /** The ways to open a seal in the order of trial; the first seals. */
  readonly openers: readonly SealOpener[]
  readonly createCodec: CreateSealCodec | undefined
  /** Unset where opened tokens are not kept. */
  readonly tokens: OpenedTokens<ResolvedConfig> | undefined
  /** Whether the app set iron's ttl itself. */
  readonly sealTtl: number | undefined
  readonly generateId: (() => string) | undefined
  readonly crypto: Crypto | undefined
}

/** The app's other sessions. */
export interface Siblings {
  readonly names: readonly string[]
  readonly resolve: (name: string) => ResolvedConfig
}
