import type { SealOptions } from 'iron-webcrypto'
import type { SessionRecordOptions } from '../model/types'
import type { CookieAttributes, CookieTemplate } from './cookie'
import type { CreateSealCodec, SealOpener } from './seal-openers'

/** The endpoint by which browsers bind a session. */
export interface DeviceRoute {
  /** Without the app's base. */
  readonly path: string
  /** The session's name, unless it is the default session. */
  readonly query: string
}

export interface ResolvedCookie extends Omit<CookieAttributes, 'secure'> {
  path: string
  /** `'auto'`: Secure, except in development over plain HTTP. */
  secure: boolean | 'auto'
  chunkMaxLength: number
  maxBytes: number
  template: { secure: CookieTemplate, plain: CookieTemplate }
}

/** The complete and validated options of one session. */
export interface ResolvedConfig {
  readonly preset: 'h3' | 'strict'
  readonly name: string
  /** The first seals, all unseal. */
  readonly passwords: readonly string[]
  /** Seconds. */
  readonly maxAge: number | undefined
  /** Seconds. */
  readonly idleTimeout: number | undefined
  readonly cookie: false | ResolvedCookie
  /** Another module that reads the same cookie through h3, which does not read chunks. */
  readonly sharedWith: string | undefined
  readonly sessionHeader: string | false
  /** The request headers on which a response that used the session depends. */
  readonly vary: readonly string[]
  /** The mount of the store; unset for cookie sessions. */
  readonly storage: string | undefined
  /** Milliseconds. */
  readonly storeTimeout: number
  /** Milliseconds since 1970. */
  readonly migrateUntil: number | undefined
  readonly maxUserSessions: number | undefined
  /** Seconds that the proof of a browser's key lasts; unset: new sessions are not bound. */
  readonly deviceBound: number | undefined
  /** The endpoint of `deviceBound`; unset if the app has none. */
  readonly deviceRoute: DeviceRoute | undefined
  readonly record: SessionRecordOptions
  readonly saveUninitialized: boolean
  readonly acceptUnnamed: boolean
  readonly legacySealFallback: boolean
  readonly isCached: boolean
  readonly cacheHeaders: boolean
  readonly seal: SealOptions
  /** The ways to open a seal, in the order of trial. The first one also seals. */
  readonly openers: readonly SealOpener[]
  readonly createCodec: CreateSealCodec | undefined
  readonly tokens: OpenedTokens<ResolvedConfig> | undefined
  /** iron's ttl, if the app set it. */
  readonly sealTtl: number | undefined
  readonly generateId: (() => string) | undefined
  readonly crypto: Crypto | undefined
}

/** The app's other sessions. */
export interface Siblings {
  readonly names: readonly string[]
  readonly resolve: (name: string) => ResolvedConfig
}

export interface CachedToken<Owner> {
  readonly token: string
  /** The resolved configuration that opened the token. Another one may reject it. */
  readonly owner: Owner
  /** The sealed JSON without keys `__proto__`; from the second hit on, the parsed value. */
  content: { readonly text: string } | { readonly value: unknown }
  /** Milliseconds since 1970, or `''`. */
  readonly expiration: string
  readonly passwordIndex: number
  readonly isFallback: boolean
}

export interface OpenedTokens<Owner extends object> {
  get: (token: string, owner: Owner) => CachedToken<Owner> | undefined
  /** Adds a token whose MAC was verified, or one that was just sealed. `isSlice`: it is part of a header, and is copied. */
  add: (entry: CachedToken<Owner>, isSlice?: boolean) => void
  delete: (token: string) => void
}
