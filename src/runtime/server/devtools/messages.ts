import type { ProofFailure } from '../../core/device/proof'
import type { ActivityKind } from '../../core/session/context'
import type { Session } from '../../core/model/types'
import type { KeySize } from './key-sizes'
import type { TokenFacts } from './token-facts'

/** Environment variable with the name of the channel between the server's worker and DevTools. */
export const CHANNEL_VARIABLE = '__NUXT_H3_SESSION_DEVTOOLS__'

/** How many sessions are listed from each store. */
export const MAX_LISTED = 100
/** Longest JSON of a session's data in a list of sessions, in characters. */
export const MAX_INLINE = 8192

/** A copy of a session. It has no `id` if it comes from the store, which has only the handle. */
export interface ObservedSession extends Omit<Session<Record<string, unknown>>, 'id'> {
  id?: string
  /** The data is too large to show, and left out. */
  isCut?: boolean
  /** If the data is cut: its largest keys. */
  sizes?: KeySize[]
  /** The data is too large for a list, and left out. */
  isLong?: boolean
}

/** From the worker: what happened to a session in a request. */
export interface ObservedMessage {
  type: 'observed'
  /**
   * `absent`: the request came without a token. `unused`: it sent the cookie, but did not use the session. `remove`: the
   * app itself has removed or replaced the cookie in the response, which is sent.
   */
  kind: ActivityKind | 'absent' | 'unused' | 'remove' | 'fail' | 'deny' | 'revoke' | 'register' | 'refresh'
  /** Milliseconds since 1970, like all times here. */
  at: number
  method: string
  path: string
  /** Whether it is a prefetch: its user may never see the response. */
  isPrefetch?: true
  /** Identifies the request. */
  request?: string
  /** For an inner request that uses the session of its outer one: identifies that one, whose response sets the cookie. */
  answeredBy?: string
  /** When the request began. */
  startedAt?: number
  /** Identifies the browser: a hash of its address and user agent. */
  client?: string
  /** Set if the request has no cookie of this name, and a browser that has one would have sent it. */
  lacksCookie?: true
  /** The stack of the call, in the built server. */
  stack?: string
  /** The stack of the event's last call. If a route does not await a write, only this one leads to the route. */
  caller?: string
  /** What manages the session: this module, or h3's own `useSession` (used by nuxt-auth-utils). */
  keeper: 'module' | 'h3'
  /** `none`: not sent yet. `unknown`: in its store, but not in this request. */
  transport: 'cookie' | 'header' | 'none' | 'unknown'
  name: string
  /** Set if the id is not known. */
  handle?: string
  /** Why a token is rejected, or the code of an error. */
  reason?: string
  /** For a rejected token: identifies the verdict, which follows. */
  verdict?: string
  /** For `revoke`: all sessions of a user except one handle, all of a name, or all of the store. */
  group?: { userId?: string, except?: string, name?: string }
  /** For `clear`: called by `useClientSession()` in the browser. */
  isClientCall?: boolean
  /** For `revoke` by a login that went above `maxUserSessions`: the option. */
  maxUserSessions?: number
  /** The message of an error. */
  explanation?: string
  /** For `deny`: the names of the configured sessions. */
  configured?: string[]
  /** For `SESSION_TOO_LARGE`: the sizes of the largest keys that were to be written, in bytes. */
  sizes?: KeySize[]
  session?: ObservedSession
  before?: ObservedSession
  expiresAt?: number
  /** Which limit ends it. */
  limit?: string
  passwordIndex?: number
  isFallback?: boolean
  /** Size of the session's cookies after this response, in bytes, names included. */
  bytes?: number
  chunks?: number
  /** The Set-Cookie line of this response, without the value. */
  attributes?: string
  /** Scheme and host of the request whose response set the cookie. */
  origin?: string
  /** SHA-256 of the token that the browser sends from now on, or that was rejected or not read. */
  tokenHash?: string
  /** The store's mount. Absent for a cookie session. */
  storage?: string
  /** Size of its record in the store, in bytes. */
  recordBytes?: number
}

export interface StoredPlace { storage: string, name: string, handle: string }

export type WorkerCommand =
  /** Describes the app, and finds the sessions of the cookies. */
  | { op: 'app', cookie: string }
  /** Describes the options of each session name. */
  | { op: 'options' }
  /** Opens the sessions of the cookies with these names. */
  | { op: 'own', cookie: string, names: string[] }
  | { op: 'act', action: 'edit' | 'regenerate' | 'expire' | 'clear', name: string, data?: object, headers: Record<string, string> }
  | { op: 'create', name: string, data: object, userId?: string, maxAge?: number, headers: Record<string, string> }
  | { op: 'reveal', name: string, isStored: boolean, session: Session<Record<string, unknown>> }
  | { op: 'unseal', name?: string, token: string }
  /** Lists the stores, and looks up given sessions that the list lacks. */
  | { op: 'stored', places: { storage: string, handles: string[] }[] }
  | { op: 'read' | 'revoke' | 'expire', place: StoredPlace }
  | { op: 'edit', place: StoredPlace, data: object }

export type CommandOf<Op extends WorkerCommand['op']> = Extract<WorkerCommand, { op: Op }>

/** Answer to `app`. */
export interface AppFacts {
  /** Names of the app's sessions; the first is the default. */
  names: string[]
  /** By session name, for sessions with a cookie. */
  cookies: Record<string, CookieLimits>
  /** The store's mount by session name, for stored sessions. */
  storages: Record<string, string>
  /** The stored sessions of the cookies. */
  own: OwnSession[]
}

/** `cookie.maxBytes` and `cookie.chunkMaxLength`. */
export interface CookieLimits { maxBytes: number, chunkMaxLength: number }

export interface OwnSession { name: string, handle: string }

/** Why a session has ended. `gone`: the store has neither a record nor a tombstone of it. */
export interface EndedSession { handle: string, reason: 'revoked' | 'superseded' | 'expired' | 'malformed' | 'gone' }

/** Answer to `stored`, for each store. */
export interface StoreReport {
  storage: string
  sessions: ObservedMessage[]
  /** Those of the looked-up sessions that have ended. */
  ended: EndedSession[]
  /** Whether the store has sessions that are not listed. */
  hasMore: boolean
  error?: string
}

/** Answer to `unseal`. */
export interface InspectedToken {
  /** Why the app rejects it. Absent if it is accepted. */
  reason?: string
  /** A cookie session, or a reference to a stored session. Absent if no password opens the seal. */
  content?: 'session' | 'reference'
  sealedName?: string
  session?: ObservedSession
  passwordIndex?: number
  isFallback?: boolean
  expiresAt?: number
  /** Which limit ended it. */
  limit?: string
  /** The id of the session, also if its record is gone. */
  id?: string
  /** The handle of the session that superseded it. */
  successor?: string
  /** The number of iterations with which a configured password opens it, if it is not the configured number. */
  iterations?: number
  /** The mount in which sessions of this name are stored. */
  storage?: string
  /** Set if the store has no valid record of it. */
  record?: 'missing' | 'malformed'
  /** Of a missing record: its store is in memory, and so is empty after a restart. */
  isInMemory?: true
  /** It has more levels of objects and arrays than this module reads. */
  isTooDeep?: true
  /** Set for a cookie session if there is a store: whether it can still be migrated, and until when. */
  migration?: { isOpen: boolean, until?: number }
  /** For the reason `unproven`: what the request lacks, and why the browser did not renew its proof. */
  unproven?: { failure: ProofFailure, skipped?: string }
}

/** An effective option of a session. Passwords are shown as fingerprints only. */
export interface OptionFact {
  /** Such as `cookie.sameSite`. */
  option: string
  /** Its value as JSON. Absent if it is unset. */
  value?: string
  from: 'default' | 'preset' | 'config' | 'environment'
  /** The key in the configuration, the environment variable or the preset that sets it. */
  at?: string
  /** Other values, in options of calls. */
  calls?: string[]
}

/** Answer to `options`, for each session name. */
export interface NamedOptions { name: string, options: OptionFact[] }

/** Why a token was rejected. `of`: the `verdict` of the message about it. */
export interface VerdictReport { type: 'verdict', of: string, reason: string, name: string, handle?: string, token: TokenFacts, inspected: InspectedToken }

/** Answer to `own`: the session of a cookie, or its rejected token with the verdict. */
export interface OwnReport { message: ObservedMessage, verdict?: VerdictReport }

/**
 * The headers of a response with observed sessions are sent, so its browser has the cookies now. `duration` in milliseconds. Without a
 * `status`, the client has closed the connection before the response.
 */
export interface SentReport { type: 'sent', request: string, at: number, status?: number, duration: number }

export type WorkerReport =
  | ObservedMessage
  | VerdictReport
  | SentReport

/** Messages between the server's worker and DevTools. */
export type DevtoolsMessage =
  | { type: 'reports', reports: WorkerReport[] }
  | { type: 'command', id: number, command: WorkerCommand }
  | { type: 'answer', id: number, error?: string, result?: unknown }
