import type { SealOptions } from 'iron-webcrypto'
import type { RejectReason } from './errors'

/**
 * The data of your sessions. Augment it and every session is typed:
 * `declare module '#session' { interface SessionData { user?: User } }`.
 */
export interface SessionData {}

/**
 * The data of sessions by name, for apps with several sessions:
 * `declare module '#session' { interface NamedSessions { cart: { items: string[] } } }`.
 */
export interface NamedSessions {}

/** The `clientKeys` of the app's configuration, written by the Nuxt module. */
export interface ClientKeys {}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type SessionDataShape = Record<string, any>

/** What `SessionData` was augmented with, or any data where it was not. */
export type DefaultSessionData = keyof SessionData extends never ? SessionDataShape : SessionData

/** What of {@link SessionData} may reach the browser. */
export type ClientSessionData = keyof SessionData extends never ? SessionDataShape : Pick<SessionData, keyof SessionData & keyof ClientKeys>

/** `T` where the call names it, else the type of the session's name, else {@link DefaultSessionData}. */
export type ResolveSessionData<T, Name> = [T] extends [never]
  ? Name extends keyof NamedSessions ? NamedSessions[Name] : DefaultSessionData
  : T

/** How the session cookie is sent; any cookie option of h3, and our two limits. */
export interface SessionCookieOptions {
  /** Domain of the cookie; unset means this host only. */
  domain?: string
  /** Path below which the browser sends the cookie. @default '/' */
  path?: string
  /** Not readable by scripts of the page (OWASP ASVS 5.0, 3.3.4). @default true */
  httpOnly?: boolean
  /** Only over HTTPS (ASVS 3.3.1). Unset: yes, except in development over plain HTTP. */
  secure?: boolean | ''
  /** When other sites' requests carry the cookie (ASVS 3.3.2). @default 'lax' */
  sameSite?: boolean | 'lax' | 'strict' | 'none'
  /** One cookie jar per embedding site (CHIPS); needs Secure. */
  partitioned?: boolean
  /** Which cookies Chromium drops last when a site has too many. @default unset: Chromium's own, medium */
  priority?: 'low' | 'medium' | 'high'
  /** Seconds the browser keeps the cookie, in place of the session's own lifetime; at most 400 days. */
  maxAge?: number
  /** When the browser drops the cookie, in place of the session's own lifetime; at most in 400 days. */
  expires?: Date
  /** Writes the value as a cookie value. @default encodeURIComponent */
  encode?: (value: string) => string
  /** Characters after which a seal is split over several cookies. @default 4000 */
  chunkMaxLength?: number
  /** Bytes that all cookies of our sessions may take together in a request. @default 7168 */
  maxBytes?: number
}

/** What is kept of the request with a stored session. */
export interface SessionRecordOptions {
  /** The address of the socket, or the first of `X-Forwarded-For`; at most 64 characters. @default false */
  ip?: 'socket' | 'forwarded' | false
  /** The user agent, cut to 256 characters. @default false */
  userAgent?: boolean
}

/** Options of a session: a call's own, or `runtimeConfig.session`. `''` means unset. */
export interface SessionConfig {
  /**
   * At least 32 characters. An array of at most 4 rotates: the first seals, all unseal.
   * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK
   */
  password?: string | string[]
  /** Name of the cookie, as it stands. @default 'h3' */
  name?: string
  /** Seconds from `createdAt` to the end of the session (ASVS 7.3.2). @default unset: no end but 400 days */
  maxAge?: number | ''
  /** Seconds without a request after which the session ends (ASVS 7.3.1). @default unset */
  idleTimeout?: number | ''
  /** Cookie options; `false` sends no cookie. */
  cookie?: false | SessionCookieOptions
  /** Request header that carries the seal, before the cookie; `false` ignores headers. @default `x-${name}-session` */
  sessionHeader?: false | string
  /** Whether the first use by a new visitor already sends the cookie, as h3 does. @default true without a store */
  saveUninitialized?: boolean | ''
  /** Accept seals that do not say their session's name: h3's own. @default true */
  acceptUnnamed?: boolean | ''
  /** Accept seals made with one iteration too, and seal them anew, as h3 v2 does. @default false */
  legacySealFallback?: boolean | ''
  /** iron's seal options. @default iron's defaults: AES-256-CBC, SHA-256, 1 iteration */
  seal?: Partial<SealOptions>
  /**
   * The unstorage mount that keeps the sessions; the cookie then holds only the sealed id. `true`: the mount
   * `session`, which is files below `.data/session` where the app mounts nothing else. @default unset: all in the cookie
   */
  storage?: string | boolean
  /**
   * Until then a whole session in a cookie is taken over into the store: a date, or what `new Date` makes one of.
   * @default unset: whole sessions are refused where there is a store
   */
  migrateUntil?: string | number | Date
  /** Milliseconds after which a silent store is unavailable. @default 2000 */
  storeTimeout?: number | ''
  /**
   * What is kept with a stored session of the request that began or regenerated it: the address of the socket, or
   * the first of `X-Forwarded-For` behind a proxy that sets it, and the user agent, cut to 256 characters.
   * @default false
   */
  record?: false | '' | SessionRecordOptions
  /**
   * Derived keys and opened tokens are kept in memory, and a salt is used for at most 10,000 seals or 5 minutes;
   * `'keys'` keeps no opened tokens, `false` nothing. @default true
   */
  caches?: boolean | 'keys' | ''
  /** `Cache-Control` and `Vary` on responses that used a session. @default true */
  cacheHeaders?: boolean | ''
  /** Makes ids. @default 32 random bytes as base64url */
  generateId?: () => string
  /** WebCrypto implementation. @default globalThis.crypto */
  crypto?: Crypto
}

/** `runtimeConfig.session`: the options, and those of sessions by name. */
export interface SessionRuntimeConfig extends SessionConfig {
  /** Options by session name, for apps with several sessions. */
  named?: Record<string, SessionConfig>
  /** Top-level keys of the data that this module may send to the browser; nuxt-auth-utils sends others. @default ['public'] */
  clientKeys?: string[] | ''
  /** Path of the endpoint of `useClientSession`; `false`: none. @default '/api/_session' */
  clientRoute?: string | false
  /** Set by the Nuxt module: another module that reads the same cookie through h3's own functions. */
  sharedWith?: string
  /** Set by the Nuxt module beside another one that keeps its session at `name`: the name of ours. */
  ownName?: string
}

/** A session as it is sealed, and as it lies at `event.context.sessions[name]`. */
export interface Session<T = DefaultSessionData> {
  /** 32 random bytes as base64url, unless `generateId` or h3 made it. */
  id: string
  /** Milliseconds since 1970. */
  createdAt: number
  /** What the app keeps in it. */
  data: Partial<T>
  /** The session's name: a seal of another name is refused. */
  name?: string
  /** Milliseconds since 1970; kept only with an idle timeout, or a store. */
  lastSeenAt?: number
  /** The user that `regenerate` bound. */
  userId?: string
  /** Milliseconds since 1970; when the user was bound. */
  authenticatedAt?: number
  /** Seconds; the session's own lifetime, given at `regenerate`. */
  maxAge?: number
  /** Values for the next read. */
  flash?: Record<string, unknown>
  /** With a store: the user's epoch when the user was bound. */
  epoch?: number
  /** With a store: the handle that a user's session had before its last new id. */
  replaces?: string
  /** With a store and `record.userAgent`. */
  userAgent?: string
  /** With a store and `record.ip`. */
  ip?: string
}

/** Data to merge (`undefined` removes a key), or a function of the current data that returns it. */
export type SessionUpdate<T = DefaultSessionData> =
  | Partial<T>
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type
  | ((data: Partial<T>) => Partial<T> | undefined | void)

export interface RegenerateOptions<T = DefaultSessionData> {
  /** Binds the session to this user and starts `createdAt` and `authenticatedAt` anew. Not empty. */
  userId?: string
  /** Merged into the data. */
  data?: Partial<T>
  /** Seconds from `createdAt`; sealed in, it governs later requests in place of the configured `maxAge`. */
  maxAge?: number
  /** `true` keeps the data of another user's session, `false` drops the data in any case. */
  keepData?: boolean
}

/** A session of the current request. Its `id` and `data` are its JSON. */
export interface SessionManager<T = DefaultSessionData> {
  /** `undefined` after `clear()`. */
  readonly id: string | undefined
  /** The live data; a change in place is kept by the next write, not before. */
  readonly data: Partial<T>
  /** SHA-256 of the id in hexadecimal: names the session in lists and logs and cannot be used as one. */
  readonly handle: string | undefined
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined
  /** Milliseconds since 1970; `undefined` when the session never ends. */
  readonly expiresAt: number | undefined
  /** Whether the session began in this request. */
  readonly isNew: boolean
  /** The user that `regenerate` bound; `undefined`: nobody is logged in. */
  readonly userId: string | undefined
  /** Milliseconds since 1970; when a user was bound. */
  readonly authenticatedAt: number | undefined
  /** Merges into the data and commits. A function may run again after a conflict, so it must have no effects. */
  update: (update?: SessionUpdate<T>) => Promise<SessionManager<T>>
  /** Commits exactly this data. */
  replace: (data: Partial<T>) => Promise<SessionManager<T>>
  /** A new id in one commit; at login with the user's id, against session fixation (ASVS 7.2.4). */
  regenerate: (options?: RegenerateOptions<T>) => Promise<SessionManager<T>>
  /** With a value: keeps it for the next read. Without: reads it once and removes it. */
  flash: SessionFlash
  /** Removes data and cookie. A later `update` starts a new session. */
  clear: () => Promise<SessionManager<T>>
  /** What a route answers that returns the manager; as in h3. */
  toJSON: () => { id: string | undefined, data: Partial<T> }
}

/** Values for the next read, kept beside the data. */
export interface SessionFlash {
  (key: string, value: unknown): Promise<void>
  <V = unknown>(key: string): Promise<V | undefined>
}

/** What every hook is told. */
export interface SessionHookInfo {
  /** The session's name. */
  name: string
  /** How the session came with the request. */
  carrier: SessionOrigin
}

export interface SessionLoadInfo extends SessionHookInfo {
  /** Makes it no session: the request gets a fresh one, and `session:reject` is told the reason. */
  reject: (reason: RejectReason) => void
}

export interface SessionRegenerateInfo extends SessionHookInfo {
  /** The id that the session had. */
  previousId: string
  /** The user to whom it was bound. */
  previousUserId: string | undefined
}

export interface SessionRejectInfo extends SessionHookInfo {
  /** Why it is no session. */
  reason: RejectReason
}

export type SessionOrigin = 'cookie' | 'header' | 'none'

/** The arguments after session and event, by hook. */
export interface SessionHookInfos {
  /** A session begins: before its first commit. */
  'session:create': SessionHookInfo
  /** A request brought a session that is valid, once a request; the place to ask a database about its user. */
  'session:load': SessionLoadInfo
  /** Before the commit of `update`, `replace` and `flash`. */
  'session:update': SessionHookInfo
  /** Before the commit of a new id; the session has it already. */
  'session:regenerate': SessionRegenerateInfo
  /** Before data and cookie go. */
  'session:clear': SessionHookInfo
  /** A request brought a token that is no session; the hook gets the fresh one. */
  'session:reject': SessionRejectInfo
}
