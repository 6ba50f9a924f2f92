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

/** The augmented {@link SessionData}, or any data if it is not augmented. */
export type DefaultSessionData = keyof SessionData extends never ? SessionDataShape : SessionData

/** The part of {@link SessionData} that may reach the browser. */
export type ClientSessionData = keyof SessionData extends never ? SessionDataShape : Pick<SessionData, keyof SessionData & keyof ClientKeys>

/** `T` if the call gives it, else the type of the session's name, else {@link DefaultSessionData}. */
export type ResolveSessionData<T, Name> = [T] extends [never]
  ? Name extends keyof NamedSessions ? NamedSessions[Name] : DefaultSessionData
  : T

/** Options of the session cookie: those of h3, and two limits. */
export interface SessionCookieOptions {
  /** Domain of the cookie; unset means this host only. */
  domain?: string | false
  /** Path below which the browser sends the cookie. @default '/' */
  path?: string
  /** Hides the cookie from scripts (OWASP ASVS 5.0, 3.3.4). @default true */
  httpOnly?: boolean
  /** The browser sends the cookie only over HTTPS (ASVS 3.3.1). @default true, except in development over plain HTTP */
  secure?: boolean | ''
  /** Which requests from other sites include the cookie (ASVS 3.3.2). @default 'lax' */
  sameSite?: boolean | 'lax' | 'strict' | 'none'
  /** One cookie jar per embedding site (CHIPS); needs Secure. */
  partitioned?: boolean
  /** Chromium drops cookies of a low priority first if a site has too many. @default unset, which means medium */
  priority?: 'low' | 'medium' | 'high' | false
  /** Lifetime of the cookie in seconds, instead of the session's lifetime; at most 400 days. */
  maxAge?: number | false
  /** When the cookie expires, instead of with the session; at most in 400 days. */
  expires?: Date | false
  /** Encodes the cookie's value. @default encodeURIComponent */
  encode?: (value: string) => string
  /** A seal of more characters is split into several cookies. @default 4000 */
  chunkMaxLength?: number
  /** The limit of all session cookies of a request together, in bytes. @default 7168 */
  maxBytes?: number
}

/** What a stored session records of the request. */
export interface SessionRecordOptions {
  /** The socket's address, or the first of `X-Forwarded-For` if a proxy sets it; at most 64 characters. @default false */
  ip?: 'socket' | 'forwarded' | false
  /** The user agent, cut to 256 characters. @default false */
  userAgent?: boolean
}

/** How sessions are bound to browsers. */
export interface DeviceBoundOptions {
  /** Seconds that the cookie lasts by which the browser proves its key, before the browser renews it. @default 300 */
  lifetime?: number
}

/** Options of a session, from a call or `runtimeConfig.session`. `''` means unset. */
export interface SessionConfig {
  /**
   * `'strict'` sets, if the app does not set them: the name `__Host-Http-session` (in development over plain HTTP
   * `session`), `maxAge` 24 hours, `idleTimeout` 1 hour, `sessionHeader: false`, `saveUninitialized: false`,
   * `acceptUnnamed: false` and `crossOrigin: 'refuse'`. It also sends `Clear-Site-Data: "cache"` at `clear()`. In the options of a call or a named
   * session it does not set the name. @default 'h3'
   */
  preset?: 'h3' | 'strict' | ''
  /**
   * At least 32 characters. An array of at most 4 rotates them: the first one seals, all of them open seals.
   * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK
   */
  password?: string | string[]
  /** Name of the session and of its cookie. @default 'h3' */
  name?: string
  /** Seconds from `createdAt` to the end of the session (ASVS 7.3.2); `false`: no limit. @default unset: 400 days */
  maxAge?: number | false | ''
  /** The session ends after this many seconds without a request (ASVS 7.3.1); `false`: no limit. @default unset */
  idleTimeout?: number | false | ''
  /** Cookie options; `false` sends no cookie. */
  cookie?: false | SessionCookieOptions
  /**
   * Request header with the seal, preferred to the cookie; `false` ignores headers. The name in it has no cookie prefix
   * such as `__Host-`. @default `x-${name}-session`
   */
  sessionHeader?: false | string
  /** Whether the first use by a new visitor already sends the cookie, as h3 does. @default true without a store */
  saveUninitialized?: boolean | ''
  /** Accept seals without a session name, such as those of h3. @default true */
  acceptUnnamed?: boolean | ''
  /** Also accept seals with one iteration, and seal them again, as h3 v2 does. @default false */
  legacySealFallback?: boolean | ''
  /** iron's seal options. @default iron's defaults: AES-256-CBC, SHA-256, 1 iteration */
  seal?: Partial<SealOptions>
  /**
   * The unstorage mount that stores the sessions; the cookie then contains only the sealed ids of the session and
   * its user. `true`: the mount `session`, by default files below `.data/session`. @default unset: all in the cookie
   */
  storage?: string | boolean
  /**
   * Until this date, or argument of `new Date`, the next request migrates a cookie session to the store.
   * @default unset: with a store, cookie sessions are rejected
   */
  migrateUntil?: string | number | Date | false
  /**
   * With a store: a login ends the user's oldest sessions with this name until at most this many are left (ASVS 7.1.2).
   * `session:clear` is called for each of them. `false`: no limit. @default unset: no limit
   * @throws SESSION_STORE_REQUIRED without `storage`
   */
  maxUserSessions?: number | false | ''
  /**
   * Experimental. Binds the session of a user to the browser's key (W3C Device Bound Session Credentials), so that a
   * copied cookie is of no use elsewhere. Needs HTTPS, `storage` and `clientRoute`. Set it in the app's options, not in a
   * call. Browsers without such keys work as before; `requireSession(event, { deviceBound: true })` requires one. While a
   * browser has the key but sends a request without its proof, such as in an outage, a write throws `SESSION_CONFLICT`,
   * because a new session would replace the bound one.
   * @default false
   * @throws SESSION_STORE_REQUIRED without `storage`
   */
  deviceBound?: boolean | '' | DeviceBoundOptions
  /** Milliseconds that the store has to answer. @default 2000 */
  storeTimeout?: number | ''
  /** What a stored session records of the request that began or regenerated it. @default false */
  record?: false | '' | SessionRecordOptions
  /**
   * Caches derived keys and opened tokens in memory, and reuses a salt for at most 10,000 seals or 5 minutes. `'keys'`
   * does not cache opened tokens, `false` caches nothing. @default true
   */
  caches?: boolean | 'keys' | ''
  /** Sets `Cache-Control` and `Vary` on responses that used a session. @default true */
  cacheHeaders?: boolean | ''
  /** Returns a new session id. @default 32 random bytes as base64url */
  generateId?: () => string
  /** WebCrypto implementation. @default globalThis.crypto */
  crypto?: Crypto
}

/** `runtimeConfig.session`: the options of the default session, and those of named sessions. */
export interface SessionRuntimeConfig extends SessionConfig {
  /** Options by session name, for apps with several sessions. `false` unsets a lifetime, `storage`, `migrateUntil`, or `domain`, `maxAge`, `expires` or `priority` of the cookie. */
  named?: Record<string, SessionConfig>
  /** Top-level keys of the data that this module may send to the browser; nuxt-auth-utils sends others. @default ['public'] */
  clientKeys?: string[] | ''
  /** Path of the endpoint of `useClientSession`, and of `deviceBound` below it; `false` disables it. @default '/api/_session' */
  clientRoute?: string | false
  /**
   * `'refuse'`: a request of a browser that is not GET, HEAD or OPTIONS, or that opens a WebSocket, must come from a page
   * of this origin or of one in `trustedOrigins`, in every route, else it gets 403 with `SESSION_FOREIGN_ORIGIN`. Route
   * rules with `session: { crossOrigin: 'allow' }` exempt routes. The preset `strict` sets it. @default 'allow'
   */
  crossOrigin?: 'allow' | 'refuse' | ''
  /** Other origins that `crossOrigin`, `requireSameOrigin` and `sameOrigin` accept, such as `https://app.example.com`. @default [] */
  trustedOrigins?: string | string[]
  /** Set by the Nuxt module: another module that reads the same cookie through h3's own functions. */
  sharedWith?: string
  /** Set by the Nuxt module if another module's session has the name `name`: the name of this module's session. */
  ownName?: string
}

/** The route rule `session`, as in `routeRules: { '/webhooks/**': { session: { crossOrigin: 'allow' } } }`. */
export interface SessionRouteRule {
  /** `'allow'`: the option `crossOrigin` does not apply to the route. */
  crossOrigin?: 'allow' | 'refuse'
}

/** The key of the browser to which a session is bound. */
export interface SessionDevice {
  /** The coordinates of the public key, on P-256, as base64url. */
  x: string
  y: string
  /** When the last challenge was made that the browser has signed, in milliseconds since 1970. Older ones are used up. */
  at: number
}

/** A session as it is sealed, and as `event.context.sessions[name]` contains it. */
export interface Session<T = DefaultSessionData> {
  /** 32 random bytes as base64url, unless `generateId` or h3 created it. */
  id: string
  /** Milliseconds since 1970. */
  createdAt: number
  /** The app's data. */
  data: Partial<T>
  /** The session's name: a seal with another name is rejected. */
  name?: string
  /** Milliseconds since 1970; only with an idle timeout or a store. */
  lastSeenAt?: number
  /** The user that `regenerate` bound. */
  userId?: string
  /** When the user was bound, in milliseconds since 1970. */
  authenticatedAt?: number
  /** The session's own lifetime in seconds, given at `regenerate`. */
  maxAge?: number
  /** The session's own idle timeout in seconds, given at `regenerate`; `false`: none. */
  idleTimeout?: number | false
  /** Values for the next read. */
  flash?: Record<string, unknown>
  /** With a store: the user's epoch when the session was bound to the user. */
  epoch?: number
  /** With a store: the app's epoch when the session began. */
  appEpoch?: number
  /** With a store: the start of the handle of the user's session before its last new id. */
  replaces?: string
  /** With an eventually consistent store: the handle of the session's first id. */
  lineage?: string
  /** With a store: the key of the browser to which the session is bound. */
  device?: SessionDevice
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
  /** Binds the session to this user and restarts `createdAt` and `authenticatedAt`. Not empty. */
  userId?: string
  /** Merged into the data. */
  data?: Partial<T>
  /** Seconds from `createdAt`; replaces the configured `maxAge` for this session, also in later requests. `false`: no limit but the 400 days. */
  maxAge?: number | false
  /** Seconds without a request; replaces the configured `idleTimeout` for this session, also in later requests. `false`: no limit. */
  idleTimeout?: number | false
  /** `true` keeps the data of another user's session, `false` drops the data in any case. */
  keepData?: boolean
  /**
   * The time of the login in milliseconds since 1970, if it was earlier, such as at an identity provider; `0` binds the
   * user without a login, so that `maxAuthAge` requires one. @default now
   */
  authenticatedAt?: number
}

/** A session of the current request. Its `id` and `data` are its JSON. */
export interface SessionManager<T = DefaultSessionData> {
  /** `undefined` after `clear()`. */
  readonly id: string | undefined
  /** The live data. A change in place is saved by the next write only. */
  readonly data: Partial<T>
  /** SHA-256 of the id in hexadecimal. Identifies the session in lists and logs without giving access to it. */
  readonly handle: string | undefined
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined
  /** Milliseconds since 1970; `undefined` if the session has no lifetime. */
  readonly expiresAt: number | undefined
  /** Whether the session began in this request. */
  readonly isNew: boolean
  /** The user that `regenerate` bound; `undefined` if nobody is logged in. */
  readonly userId: string | undefined
  /** When the user was bound, in milliseconds since 1970. */
  readonly authenticatedAt: number | undefined
  /** Whether the session is bound to the browser's key, which this request has proven. */
  readonly deviceBound: boolean
  /**
   * Merges into the data and commits. A function may run again after a conflict, so it must have no effects.
   * @throws SESSION_NOT_SERIALIZABLE, SESSION_TOO_LARGE, SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE, and
   * with a store SESSION_STORE_UNAVAILABLE, SESSION_CONFLICT
   */
  update: (update?: SessionUpdate<T>) => Promise<SessionManager<T>>
  /** Commits exactly this data. @throws as `update` */
  replace: (data: Partial<T>) => Promise<SessionManager<T>>
  /**
   * Commits with a new id, against session fixation. Call it at login, with the user's id (ASVS 7.2.4).
   * @throws as `update`, and SESSION_CONFIG_INVALID for a wrong or unknown option
   */
  regenerate: (options?: RegenerateOptions<T>) => Promise<SessionManager<T>>
  /** With a value: saves it for the next read. Without: reads the value and removes it. @throws as `update` */
  flash: SessionFlash
  /**
   * Removes data and cookie. A later `update` starts a new session.
   * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE, and with a store SESSION_STORE_UNAVAILABLE
   */
  clear: () => Promise<SessionManager<T>>
  /** The response of a route that returns the manager, as in h3. */
  toJSON: () => { id: string | undefined, data: Partial<T> }
}

/** Values for the next read, stored beside the data. */
export interface SessionFlash {
  (key: string, value: unknown): Promise<void>
  <V = unknown>(key: string): Promise<V | undefined>
}

/** The information for every hook. */
export interface SessionHookInfo {
  /** The session's name. */
  name: string
  /** The transport of the request's token. */
  transport: SessionTransport
}

export interface SessionLoadInfo extends SessionHookInfo {
  /** Rejects the session: the request gets a new one, and `session:reject` gets the reason. */
  reject: (reason: RejectReason) => void
}

export interface SessionRegenerateInfo extends SessionHookInfo {
  /** The id before `regenerate`. */
  previousId: string
  /** The user before `regenerate`; `undefined` if nobody was logged in. */
  previousUserId: string | undefined
}

/** The information for hooks of writes, one type for all, so that one function can be called for several of them. */
export interface SessionWriteInfo extends SessionHookInfo {
  /** Only for `session:clear`: `clear()` was called, or a login of its user went above `maxUserSessions`. */
  reason?: 'clear' | 'maxUserSessions'
  /** Only for `session:clear`: the session's handle, if it has an id. */
  handle?: string
  /** Only for `session:clear`: the session's user, if one was logged in. */
  userId?: string
}

export interface SessionRejectInfo extends SessionHookInfo {
  /** Why the token was rejected. */
  reason: RejectReason
}

export type SessionTransport = 'cookie' | 'header' | 'none'

/** The arguments after session and event, by hook. */
export interface SessionHookInfos {
  /** Before the first commit of a new session. */
  'session:create': SessionWriteInfo
  /** Once a request, after a valid session was loaded; the place to look up its user in a database. */
  'session:load': SessionLoadInfo
  /** Before the commit of `update`, `replace` and `flash`. */
  'session:update': SessionWriteInfo
  /** Before the commit of `regenerate`; the session has its new id already. */
  'session:regenerate': SessionRegenerateInfo
  /**
   * Before `clear` removes the data and the cookie. With the reason `maxUserSessions`, after the login that ended the
   * session: `session` is then the ended one, without its id, and cannot be written.
   */
  'session:clear': SessionWriteInfo
  /** After a token was rejected; the hook gets the new session. */
  'session:reject': SessionRejectInfo
}
