import type { CookieLimits, InspectedToken, NamedOptions, ObservedMessage, ObservedSession, StoreReport } from '../runtime/server/devtools/messages'

/** The JSON messages between the DevTools panel and the development server, over HTTP. */

/** Path of the panel and its API below the app's base URL. */
export const PANEL_PATH = '/__nuxt_session__'
/** The same, as a page of its own, if the app has no Nuxt DevTools. */
export const PAGE_PATH = '/_sessions'
/** Each write makes a new seal, but parallel requests may still send an older one. */
export const MAX_SEALS = 10
/** Of how many keys of a session the last writer is kept. */
export const MAX_WRITTEN_KEYS = 100

/** Header that carries the panel's token. */
export const TOKEN_HEADER = 'x-nuxt-session-token'
/** Namespace of the DevTools RPC: `access()` on the server, `changed(seq)` on the client. */
export const RPC_NAMESPACE = 'nuxt-h3-session'

/** Result of the RPC's `access()` for an authorised client. `api` is the API's path, with the app's base URL. */
export interface AccessResponse { token: string, api: string }

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** A session that the tab creates with one click. */
export interface SessionPreset {
  /** The session's name. @default the default session */
  name?: string
  /** The user that the session is bound to, as by `regenerate({ userId })`. */
  userId?: string
  /** The session's own lifetime in seconds. */
  maxAge?: number
  /** The session's data. */
  data?: Record<string, unknown>
}

export type Presets = Record<string, Omit<SessionPreset, 'data'> & { data?: JsonObject }>

type SessionFields = Pick<ObservedSession, 'userId' | 'createdAt' | 'authenticatedAt' | 'maxAge' | 'idleTimeout' | 'userAgent' | 'ip' | 'isCut' | 'sizes'>
type MessageFields = Pick<ObservedMessage, 'name' | 'storage' | 'recordBytes' | 'expiresAt' | 'limit' | 'transport' | 'keeper'>

/** A session that was seen in a request or that is listed in a store. */
export interface InspectedSession extends SessionFields, MessageFields {
  /** Identifies the session in the panel: its name and handle. */
  key: string
  /** Absent if the session is known only from its store, which has only the handle. */
  id?: string
  /** SHA-256 of the id. */
  handle: string
  /** SHA-256 of its newest seals, by which a later server's panel recognises them. */
  seals?: string[]
  lastUsedAt: number
  /** The best name for its user: from `data.user`, else the user id. */
  user?: string
  /** Absent if it is too large for the list: the operation `data` returns it. */
  data?: JsonObject
  flash?: JsonObject
  /** Its data is that of an earlier response, and left out. */
  hasSameData?: true
  /** Whether it is bound to a browser's key. */
  deviceBound?: boolean
  /** Size of its cookies in bytes, names included; 0 if it was never sent. */
  bytes: number
  chunks: number
  /** How it ended, as far as the server has seen. `gone`: the store has neither a record nor a tombstone of it. */
  ended?: 'cleared' | 'expired' | 'regenerated' | 'revoked' | 'malformed' | 'gone'
  /**
   * The call of clear(). A session that has not ended was used after it: the response to `undoneBy` has set its cookie again,
   * or else a copy of its cookie was sent.
   */
  cleared?: Clear
  /** The request whose response has replaced or removed its cookie. */
  overwritten?: Overwrite
  /** The call or option that revoked it, if the server has seen that. */
  revoked?: Revocation
  cookie?: InspectedCookie
  /** The next request of its browser, which did not send its cookie. */
  unreturned?: string
  /** The request whose response, with the first cookie of this session, did not arrive, because the browser closed the connection; and when the session began. */
  undelivered?: RequestName & { at: number }
  /** The last write of each key of the data, the oldest first. Flash data has keys such as `flash.message`. Kept longer than the requests. Empty after a write of unknown keys. */
  writers?: KeyWrite[]
  /** Keys of the session with the previous id, and of the one with the next id. */
  previous?: string
  next?: string
}

export type Clear = Pick<ObservedMessage, 'at' | 'method' | 'path' | 'isClientCall'> & { undoneBy?: RequestName }

type RequestName = Pick<ObservedMessage, 'method' | 'path'>

/**
 * The request whose response, sent at `at`, has replaced or removed the cookie of a session.
 * - `app`: the app itself has deleted or set a cookie of the same name.
 * - `other session`: it began another session in parallel.
 * - `clear`: it cleared this session and began another, in parallel.
 * - `old cookie`: it was running when `call` gave the session a new id, or cleared another and began this one, and has set
 *   the cookie of before.
 * - `removal`: the same, but it has removed the cookie.
 */
export interface Overwrite extends Pick<ObservedMessage, 'at' | 'method' | 'path'> {
  kind: 'app' | 'other session' | 'clear' | 'old cookie' | 'removal'
  call?: RequestName & { kind: 'clear' | 'regenerate' }
}

/**
 * What revoked a session, in which request: that of the call, or of the login that went above `maxUserSessions`.
 * `call`: as in code, such as `revokeAllSessions({ name: "cart" })`. `source`: the file and line of the call.
 */
export interface Revocation extends Pick<ObservedMessage, 'at' | 'method' | 'path'> {
  by: 'revokeSession' | 'revokeUserSessions' | 'revokeAllSessions' | 'maxUserSessions' | 'DevTools'
  call: string
  source?: string
}

/** A write of a top-level key. `source`: the file and line that made the call. */
export interface KeyWrite extends Pick<ObservedMessage, 'at' | 'method' | 'path'> {
  key: string
  source?: string
}

export interface InspectedCookie {
  attributes: { path?: string, domain?: string, httpOnly: boolean, secure: boolean, sameSite?: string, partitioned: boolean, expires?: number }
  /** Index of the password that sealed it: 0 is the current one. */
  passwordIndex?: number
  /** Sealed with one iteration and accepted by `legacySealFallback`. */
  isFallback?: boolean
  /** Scheme and host of the request whose response set it. */
  origin?: string
  /** Whether browsers send it back to this origin. `sometimes`: not all browsers, or not with all requests. */
  comesBack: 'always' | 'sometimes' | 'never'
  /** Reasons why a browser would drop it or not send it, one sentence each. */
  problems: string[]
}

export type TimelineKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'revoke' | 'register' | 'refresh' | 'reject' | 'deny' | 'fail'

/** A request that used sessions, or a call outside of one. */
export interface InspectedRequest extends Pick<ObservedMessage, 'at' | 'method' | 'path' | 'isPrefetch'> {
  id: string
  /** The response's status and time in milliseconds, once its headers are sent. No status if the client has closed the connection before. */
  status?: number
  duration?: number
  /** What happened to its sessions, oldest first. */
  events: TimelineEvent[]
}

/** What a request did to a session. */
export interface TimelineEvent extends Pick<ObservedMessage, 'at' | 'name' | 'keeper' | 'reason' | 'explanation' | 'sizes'> {
  seq: number
  kind: TimelineKind
  /** `InspectedSession.key`, if the session is known. */
  key?: string
  /** `InspectedSession.key` of the session with the new id, for a superseded token. */
  next?: string
  /** The best name for the session's user. */
  user?: string
  id?: string
  /** SHA-256 of a rejected token, if the server has not seen it before. */
  token?: string
  /** Files and lines of the project that made the call, relative to the project, innermost first. */
  sources: string[]
  /** Changed keys of the data with a sign: `+` added, `−` removed, `~` changed. Flash data has keys such as `flash.message`. */
  changes: string[]
  /** A write of a parallel request whose response was sent before, so that this one overwrites it: the `seq` of its event, and the keys that it had changed. */
  lost?: { seq: number, keys: string[] }
  /** Such a write that has changed numbers from and to the same values. If each should count, one is lost. */
  sameChange?: { seq: number, keys: string[] }
  /** Whether the operation `event` can return the data before and after it. */
  hasData: boolean
}

export interface InspectedStore extends Pick<StoreReport, 'storage' | 'hasMore' | 'error'> {
  /** Names of the sessions that are stored in it. */
  names: string[]
}

export interface InspectorLimits {
  /** Browsers drop a larger cookie. */
  cookieBytes: number
  /** The app rejects a longer seal. */
  sealLength: number
  /** By session name; the first is of the default session. Sessions without a cookie have none. */
  cookies: Record<string, CookieLimits>
  /** How many requests and sessions are kept, and how many sessions are listed from each store. */
  requests: number
  sessions: number
  stored: number
}

/** What has changed since the request's `since`, or everything. */
export interface StateResponse {
  /** For `since` in the next request. */
  cursor: string
  /** Whether `sessions` and `requests` are complete. Else they have only what is new or has changed. */
  isComplete: boolean
  sessions: InspectedSession[]
  /** Keys of sessions that are no longer listed. */
  removed: string[]
  /** Keys of the sessions of the browser that shows the panel. */
  current: string[]
  /** Oldest first. */
  requests: InspectedRequest[]
  /** Names of the app's sessions; the first is the default. */
  names: string[]
  presets: Presets
  /** Opens what this panel has kept over a restart of the server. */
  historyKey: string
  /** How often the list was cleared since the server started. A panel drops what it has kept from before. */
  clears: number
  limits: InspectorLimits
  /** Stored sessions of any browser can be changed. A cookie session changes only by a response to its own browser. */
  stores: InspectedStore[]
}

/** The operations of the API, by their path below `api/`: `state` by GET, the others by POST with a JSON body. */
export interface PanelOperations {
  /** `since`: the cursor of an earlier response. */
  state: (since?: string) => StateResponse
  data: (request: { key: string }) => DataResponse
  event: (request: { seq: number }) => EventResponse
  /** The effective options by session name. */
  options: () => { sessions: NamedOptions[] }
  /** Forgets all events, and the sessions that have ended. */
  forget: () => void
  /** Opens a source of an event in the editor. */
  open: (request: { source: string }) => void
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
  unseal: (request: { text: string }) => UnsealResponse
}

export interface DataResponse { data: JsonObject, flash?: JsonObject }
export interface EventResponse extends BeforeAndAfter { flash?: BeforeAndAfter }

export interface BeforeAndAfter { before?: JsonObject, after?: JsonObject }

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

/** `more`: how many further tokens the text has, which are not unsealed. */
export interface UnsealResponse { results: UnsealResult[], more: number }

export interface UnsealResult extends Pick<InspectedToken, 'reason' | 'passwordIndex' | 'isFallback' | 'expiresAt' | 'storage'> {
  /** The cookie's name, if the text contains it. */
  name?: string
  /** SHA-256 of the token, and the handle of its session if a password opens it. The panel finds the session by either. */
  seal: string
  handle?: string
  ok: boolean
  session?: Omit<ObservedSession, 'data' | 'flash'> & { data: JsonObject, flash?: JsonObject }
  /** A sentence about an accepted token, if there is something to note. */
  note?: string
  /** Why the token is rejected, in a sentence or two. */
  explanation?: string
}

/** Body of every failed request (status 4xx or 5xx). */
export interface ErrorResponse { error: string }
