/** The JSON messages between the DevTools panel and the development server, over HTTP. */

/** Path of the panel and its API below the app's base URL. */
export const PANEL_PATH = '/__nuxt_session__'
/** Header that carries the panel's token. */
export const TOKEN_HEADER = 'x-nuxt-session-token'
/** Namespace of the DevTools RPC: `access()` on the server, `changed(seq)` on the client. */
export const RPC_NAMESPACE = 'nuxt-h3-session'

/** Result of the RPC's `access()` for an authorised client. `api` is the API's path, with the app's base URL. */
export interface AccessResponse { token: string, api: string }

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** A session that was seen in a request or that is listed in a store. */
export interface InspectedSession {
  /** Identifies the session in the panel: its name and handle. */
  key: string
  name: string
  /** Absent if the session is known only from its store, which has only the handle. */
  id?: string
  /** SHA-256 of the id. */
  handle: string
  /** The store's mount. Absent for a cookie session. */
  storage?: string
  /** Size of its record in the store, in bytes. */
  recordBytes?: number
  /** User agent and address of the request that created it, if the `record` option is set. */
  userAgent?: string
  ip?: string
  userId?: string
  /** Milliseconds since 1970, here and below. */
  createdAt: number
  authenticatedAt?: number
  lastUsedAt: number
  /** Absent if the session has no lifetime. */
  expiresAt?: number
  /** The session's own lifetime in seconds, if it has one. */
  maxAge?: number
  /** `none`: not sent yet. `unknown`: in its store, but in no request since the development server started. */
  carrier: 'cookie' | 'header' | 'none' | 'unknown'
  /** What manages it: this module, or h3's own `useSession` (used by nuxt-auth-utils). */
  keeper: 'module' | 'h3'
  data: JsonObject
  flash?: JsonObject
  /** The data is too large to show, and left out. */
  isCut?: boolean
  /** Size of its cookies in bytes, names included; 0 if it was never sent. */
  bytes: number
  chunks: number
  /** Whether it is the session of the browser that shows the panel. */
  isCurrent: boolean
  /** How it ended, as far as the server has seen. `gone`: the store has neither a record nor a tombstone of it. */
  ended?: 'cleared' | 'expired' | 'regenerated' | 'revoked' | 'malformed' | 'gone'
  cookie?: InspectedCookie
}

export interface InspectedCookie {
  attributes: { path?: string, domain?: string, httpOnly: boolean, secure: boolean, sameSite?: string, partitioned: boolean, expires?: number }
  /** Index of the password that sealed it: 0 is the current one. */
  passwordIndex?: number
  /** Sealed with one iteration and accepted by `legacySealFallback`. */
  isFallback?: boolean
  /** Reasons why a browser would drop it or not send it, one sentence each. */
  problems: string[]
}

export type TimelineKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'revoke' | 'reject'

export interface TimelineEvent {
  seq: number
  at: number
  kind: TimelineKind
  /** `InspectedSession.key`; absent for a rejected token. */
  key?: string
  name: string
  id?: string
  keeper: 'module' | 'h3'
  method: string
  path: string
  /** File and line of the handler, relative to the project, if they can be found. */
  source?: string
  /** For `reject`. */
  reason?: string
  before?: JsonObject
  after?: JsonObject
  /** The data before or after is too large to show. */
  isCut?: boolean
}

/** A store with sessions. */
export interface InspectedStore {
  /** Its mount. */
  storage: string
  /** Names of the sessions that are kept in it. */
  names: string[]
  /** Whether it has sessions beyond the first `limits.stored`. */
  hasMore: boolean
  /** Why it could not be read. */
  error?: string
}

export interface InspectorLimits {
  cookieBytes: number
  maxBytes: number
  timeline: number
  sessions: number
  /** How many sessions are listed from each store. */
  stored: number
}

/** GET api/state */
export interface StateResponse {
  seq: number
  now: number
  sessions: InspectedSession[]
  timeline: TimelineEvent[]
  /** Names of the app's sessions; the first is the default. */
  names: string[]
  presets: Record<string, JsonObject>
  limits: InspectorLimits
  /** Stored sessions of any browser can be changed. A cookie session changes only by a response to its own browser. */
  stores: InspectedStore[]
}

/** POST api/edit: replaces a session's data. POST api/restore has the same body. */
export interface EditRequest extends ActRequest { data: JsonObject }
/** POST api/regenerate, api/expire, api/clear. */
export interface ActRequest {
  name: string
  /** `InspectedSession.key` of another browser's stored session, to edit or expire it. Absent for this browser's own. */
  key?: string
}
/** POST api/revoke: ends a stored session of any browser. */
export interface RevokeRequest { key: string }
/** POST api/create: returns a link that creates this session in the browser that opens it, once, within 30 seconds. */
export interface CreateRequest { name: string, data: JsonObject, userId?: string, maxAge?: number }
export interface CreateResponse { link: string, expiresAt: number }
/** POST api/reveal: the seal of a listed session, for "Copy as". */
export interface RevealRequest { key: string }
export interface RevealResponse { cookies: { name: string, value: string }[], header: string | false, token: string, cookie: InspectedCookie['attributes'] }
/** POST api/unseal: a seal, a Cookie or Set-Cookie header, or a curl command. */
export interface UnsealRequest { text: string }
export interface UnsealResponse {
  results: UnsealResult[]
}
export interface UnsealResult {
  /** The cookie's name, if the text contains it. */
  name?: string
  ok: boolean
  session?: { id?: string, name?: string, userId?: string, createdAt: number, lastSeenAt?: number, authenticatedAt?: number, maxAge?: number, data: JsonObject, flash?: JsonObject }
  passwordIndex?: number
  isFallback?: boolean
  expiresAt?: number
  /** The mount in which sessions of this name are kept. */
  storage?: string
  /** A sentence about an accepted token, if there is something to note. */
  note?: string
  /** Why it is rejected: the short reason, and the same in a sentence. */
  reason?: string
  explanation?: string
}
/** Body of every failed request (status 4xx or 5xx). */
export interface ErrorResponse { error: string }
