/** What the DevTools panel and the development server say to each other, as JSON over HTTP. */

/** Path of the panel and its API below the app's base URL. */
export const PANEL_PATH = '/__nuxt_session__'
/** Header that carries the panel's token. */
export const TOKEN_HEADER = 'x-nuxt-session-token'
/** Namespace of the DevTools RPC: `access()` on the server, `changed(seq)` on the client. */
export const RPC_NAMESPACE = 'nuxt-h3-session'

/** What the RPC's `access()` gives to an authorised client: the token, and the path of the API with the app's base URL. */
export interface AccessResponse { token: string, api: string }

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** A session that the development server has seen, or that a store has told of. */
export interface InspectedSession {
  /** Names the session in the panel: name and handle. */
  key: string
  name: string
  /** Absent where only a store told of the session: it has the handle alone. */
  id?: string
  /** SHA-256 of the id. */
  handle: string
  /** The mount that keeps it; absent: its cookie or header holds all of it. */
  storage?: string
  /** Bytes of its record there. */
  recordBytes?: number
  /** What its record says of the request that began it. */
  userAgent?: string
  ip?: string
  userId?: string
  /** Milliseconds since 1970, here and below. */
  createdAt: number
  authenticatedAt?: number
  lastUsedAt: number
  /** Absent: it has no lifetimes. */
  expiresAt?: number
  /** Seconds, where the session has a lifetime of its own. */
  maxAge?: number
  /** `unknown`: no request since the development server started has shown it; a store told of it. */
  carrier: 'cookie' | 'header' | 'none' | 'unknown'
  /** Who keeps it: this module, or h3's own `useSession` (nuxt-auth-utils calls that). */
  keeper: 'module' | 'h3'
  data: JsonObject
  flash?: JsonObject
  /** Its data are too much to show, and left out. */
  isCut?: boolean
  /** Bytes of its cookies, names included; 0 where it was never sent. */
  bytes: number
  chunks: number
  /** Whether this browser has it. */
  isCurrent: boolean
  /** How it ended, as far as the server has seen; `gone` where its store has nothing of it any more. */
  ended?: 'cleared' | 'expired' | 'regenerated' | 'revoked' | 'malformed' | 'gone'
  cookie?: InspectedCookie
}

export interface InspectedCookie {
  attributes: { path?: string, domain?: string, httpOnly: boolean, secure: boolean, sameSite?: string, partitioned: boolean, expires?: number }
  /** Which password of the rotation sealed it: 0 is the current one. */
  passwordIndex?: number
  /** Sealed with one iteration, accepted by `legacySealFallback`. */
  isFallback?: boolean
  /** Why a browser would drop it or not send it, in a sentence each. */
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
  /** File and line of the handler, where it can be told, relative to the project. */
  source?: string
  /** For `reject`. */
  reason?: string
  before?: JsonObject
  after?: JsonObject
  /** What changed is too much to show. */
  isCut?: boolean
}

/** A store that keeps sessions. */
export interface InspectedStore {
  /** Its mount. */
  storage: string
  /** Names of the sessions that it keeps. */
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
  /** Sessions that are listed of each store. */
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
  /** Sessions in them can be changed whichever browser has them; those in cookies only by a response to their own. */
  stores: InspectedStore[]
}

/** POST api/edit: replaces a session's data. POST api/restore has the same body. */
export interface EditRequest extends ActRequest { data: JsonObject }
/** POST api/regenerate, api/expire, api/clear. */
export interface ActRequest {
  name: string
  /** `InspectedSession.key` of another browser's session in a store, to edit or expire it; absent: this browser's. */
  key?: string
}
/** POST api/revoke: ends a stored session, whichever browser has it. */
export interface RevokeRequest { key: string }
/** POST api/create: a session with this data for this browser. The link works once, for 30 seconds. */
export interface CreateRequest { name: string, data: JsonObject, userId?: string, maxAge?: number }
export interface CreateResponse { link: string, expiresAt: number }
/** POST api/reveal: the seal of a seen session, for "copy as". */
export interface RevealRequest { key: string }
export interface RevealResponse { cookies: { name: string, value: string }[], header: string | false, token: string, cookie: InspectedCookie['attributes'] }
/** POST api/unseal: a seal, a Cookie or Set-Cookie header, or a curl command. */
export interface UnsealRequest { text: string }
export interface UnsealResponse {
  results: UnsealResult[]
}
export interface UnsealResult {
  /** The cookie's or header's name, where the text told it. */
  name?: string
  ok: boolean
  session?: { id?: string, name?: string, userId?: string, createdAt: number, lastSeenAt?: number, authenticatedAt?: number, maxAge?: number, data: JsonObject, flash?: JsonObject }
  passwordIndex?: number
  isFallback?: boolean
  expiresAt?: number
  /** The mount that keeps sessions of this name. */
  storage?: string
  /** What there is to know of one that is not refused, in a sentence. */
  note?: string
  /** Why it is refused, in a sentence, and the short reason. */
  reason?: string
  explanation?: string
}
/** Every failed request: status 4xx or 5xx and this. */
export interface ErrorResponse { error: string }
