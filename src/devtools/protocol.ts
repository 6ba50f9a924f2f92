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

/** A session that the development server has seen. */
export interface InspectedSession {
  /** Names the session in the panel: name and id. */
  key: string
  name: string
  id: string
  userId?: string
  /** Milliseconds since 1970, here and below. */
  createdAt: number
  authenticatedAt?: number
  lastUsedAt: number
  /** Absent: it has no lifetimes. */
  expiresAt?: number
  /** Seconds, where the session has a lifetime of its own. */
  maxAge?: number
  carrier: 'cookie' | 'header' | 'none'
  /** Who keeps it: this module, or h3's own `useSession` (nuxt-auth-utils calls that). */
  keeper: 'module' | 'h3'
  data: JsonObject
  flash?: JsonObject
  /** Bytes of its cookies, names included; 0 where it was never sent. */
  bytes: number
  chunks: number
  /** Whether this browser has it. */
  isCurrent: boolean
  /** How it ended, as far as the server has seen. */
  ended?: 'cleared' | 'expired' | 'regenerated'
  cookie?: InspectedCookie
}

export interface InspectedCookie {
  attributes: { path?: string, domain?: string, httpOnly: boolean, secure: boolean, sameSite?: string, partitioned: boolean, expires?: number }
  /** Which password of the rotation sealed it: 0 is the current one. */
  passwordIndex?: number
  /** Sealed with one iteration, accepted by `legacySealFallback`. */
  isLegacy?: boolean
  /** Why a browser would drop it or not send it, in a sentence each. */
  problems: string[]
}

export type TimelineKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'reject'

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
}

export interface InspectorLimits { cookieBytes: number, maxBytes: number, timeline: number, sessions: number }

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
  /** Whether sessions lie in a store: without one other browsers' sessions cannot be changed. */
  hasStore: boolean
}

/** POST api/edit: replaces a session's data. POST api/restore has the same body. */
export interface EditRequest extends ActRequest { data: JsonObject }
/** POST api/regenerate, api/expire, api/clear. */
export interface ActRequest {
  name: string
  /** `InspectedSession.key` of another browser's session, sent only with `hasStore` (never to regenerate); absent: this browser's. */
  key?: string
}
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
  session?: { id: string, name?: string, userId?: string, createdAt: number, lastSeenAt?: number, authenticatedAt?: number, maxAge?: number, data: JsonObject, flash?: JsonObject }
  passwordIndex?: number
  isLegacy?: boolean
  expiresAt?: number
  /** Why it is refused, in a sentence, and the short reason. */
  reason?: string
  explanation?: string
}
/** Every failed request: status 4xx or 5xx and this. */
export interface ErrorResponse { error: string }
