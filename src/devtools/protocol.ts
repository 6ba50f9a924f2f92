import type { InspectedToken, ObservedMessage, ObservedSession, StoreReport } from '../runtime/server/devtools/messages'

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

type SessionFields = Pick<ObservedSession, 'userId' | 'createdAt' | 'authenticatedAt' | 'maxAge' | 'userAgent' | 'ip' | 'isCut'>
type MessageFields = Pick<ObservedMessage, 'name' | 'storage' | 'recordBytes' | 'expiresAt' | 'carrier' | 'keeper'>

/** A session that was seen in a request or that is listed in a store. */
export interface InspectedSession extends SessionFields, MessageFields {
  /** Identifies the session in the panel: its name and handle. */
  key: string
  /** Absent if the session is known only from its store, which has only the handle. */
  id?: string
  /** SHA-256 of the id. */
  handle: string
  lastUsedAt: number
  data: JsonObject
  flash?: JsonObject
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

export interface TimelineEvent extends Pick<ObservedMessage, 'at' | 'name' | 'keeper' | 'method' | 'path' | 'reason'> {
  seq: number
  kind: TimelineKind
  /** `InspectedSession.key`; absent for a rejected token. */
  key?: string
  id?: string
  /** File and line of the handler, relative to the project, if they can be found. */
  source?: string
  before?: JsonObject
  after?: JsonObject
  /** The data before or after is too large to show. */
  isCut?: boolean
}

export interface InspectedStore extends Pick<StoreReport, 'storage' | 'hasMore' | 'error'> {
  /** Names of the sessions that are stored in it. */
  names: string[]
}

/** `stored`: how many sessions are listed from each store. */
export interface InspectorLimits { cookieBytes: number, maxBytes: number, timeline: number, sessions: number, stored: number }

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

/** The operations of the API, by their path below `api/`: `state` by GET, the others by POST with a JSON body. */
export interface PanelOperations {
  state: () => StateResponse
  edit: (request: EditRequest) => void
  restore: (request: EditRequest) => void
  regenerate: (request: ActRequest) => void
  expire: (request: ActRequest) => void
  clear: (request: ActRequest) => void
  /** Ends a stored session of any browser. */
  revoke: (request: { key: string }) => void
  /** Returns a link that creates this session in the browser that opens it, once, within 30 seconds. */
  create: (request: CreateRequest) => CreateResponse
  /** Returns the seal of a listed session, for "Copy as". */
  reveal: (request: { key: string }) => RevealResponse
  /** Unseals a seal, a Cookie or Set-Cookie header, or a curl command. */
  unseal: (request: { text: string }) => { results: UnsealResult[] }
}

export interface ActRequest {
  name: string
  /** `InspectedSession.key` of another browser's stored session, to edit or expire it. Absent for this browser's own. */
  key?: string
}
export interface EditRequest extends ActRequest { data: JsonObject }
/** `maxAge` in seconds. */
export interface CreateRequest { name: string, data: JsonObject, userId?: string, maxAge?: number }
export interface CreateResponse { link: string, expiresAt: number }
export interface RevealResponse { cookies: { name: string, value: string }[], header: string | false, token: string, cookie: InspectedCookie['attributes'] }

export interface UnsealResult extends Pick<InspectedToken, 'reason' | 'passwordIndex' | 'isFallback' | 'expiresAt' | 'storage'> {
  /** The cookie's name, if the text contains it. */
  name?: string
  ok: boolean
  session?: Omit<ObservedSession, 'data' | 'flash'> & { data: JsonObject, flash?: JsonObject }
  /** A sentence about an accepted token, if there is something to note. */
  note?: string
  /** Why the token is rejected, in a sentence or two. */
  explanation?: string
}

/** Body of every failed request (status 4xx or 5xx). */
export interface ErrorResponse { error: string }
