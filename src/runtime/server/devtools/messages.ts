import type { HappeningKind } from '../../core/observer'
import type { Session } from '../../core/types'

/** Environment variable that tells the server's worker where the DevTools listen. */
export const CHANNEL_VARIABLE = '__NUXT_H3_SESSION_DEVTOOLS__'

/** Sessions that are listed of each store. */
export const MAX_LISTED = 100

/** A copy of a session. Its id is not known where only its store told of it. */
export interface ObservedSession extends Omit<Session<Record<string, unknown>>, 'id'> {
  id?: string
  /** Its data are too much to show, and left out. */
  isCut?: boolean
}

/** From the worker: what happened to a session in a request. */
export interface ObservedMessage {
  type: 'observed'
  kind: HappeningKind | 'revoke'
  at: number
  method: string
  path: string
  /** A line of the calling stack in the built server. */
  frame?: string
  keeper: 'module' | 'h3'
  /** `unknown`: not by a request that carried it. */
  carrier: 'cookie' | 'header' | 'none' | 'unknown'
  name: string
  /** Where its id is not known. */
  handle?: string
  reason?: string
  session?: ObservedSession
  before?: ObservedSession
  expiresAt?: number
  passwordIndex?: number
  isFallback?: boolean
  /** Bytes of the session's cookies as the browser has them now, names included. */
  bytes?: number
  chunks?: number
  /** The Set-Cookie line of this response, without the value. */
  attributes?: string
  /** SHA-256 of the token that the browser sends from now on. */
  tokenHash?: string
  /** The mount that keeps the session; unset: its cookie holds it. */
  storage?: string
  /** Bytes of its record there. */
  recordBytes?: number
}

/** From the worker: a response of which something was observed is sent, so that its browser has the cookie now. */
export interface SentMessage { type: 'sent' }

/** To the worker: a command of the panel. */
export interface CommandMessage {
  type: 'command'
  id: number
  command: WorkerCommand
}

/** Where a stored session lies. */
export interface StoredPlace { storage: string, name: string, handle: string }

export type WorkerCommand =
  | { op: 'names' }
  | { op: 'act', action: 'edit' | 'regenerate' | 'expire' | 'clear', name: string, data?: object, headers: Record<string, string> }
  | { op: 'create', name: string, data: object, userId?: string, maxAge?: number, headers: Record<string, string> }
  | { op: 'reveal', name: string, isStored: boolean, session: Session<Record<string, unknown>> }
  | { op: 'unseal', name?: string, token: string }
  /** Lists the stores, looks for the given sessions where they are not listed, and tells which are the cookies'. */
  | { op: 'stored', places: { storage: string, handles: string[] }[], cookie: string }
  | { op: 'revoke' | 'expire', place: StoredPlace }
  | { op: 'rewrite', place: StoredPlace, data: object }

/** Answer to `names`. */
export interface AppFacts {
  /** Names of the app's sessions; the first is the default. */
  names: string[]
  maxBytes: number
  /** The mount by name, for those that are kept in a store. */
  storages: Record<string, string>
}

/** A session as its store has it. */
export interface StoredSession { handle: string, name?: string, session: ObservedSession, expiresAt: number, bytes: number }

/** Why a session is no more: `gone` where its store has nothing of it. */
export interface EndedSession { handle: string, reason: 'revoked' | 'superseded' | 'expired' | 'malformed' | 'gone' }

export interface StoreReport {
  storage: string
  sessions: StoredSession[]
  /** Of the sessions that were looked for. */
  ended: EndedSession[]
  /** Whether the store has sessions that are not listed. */
  hasMore: boolean
  /** Why it could not be read. */
  error?: string
}

/** Answer to `stored`; `own` are the sessions of the cookies. */
export interface StoredAnswer { reports: StoreReport[], own: { name: string, handle: string }[] }

/** Answer to `unseal`. */
export interface TokenVerdict {
  /** Why it is refused, if it is. */
  reason?: string
  /** What was sealed, where a password opened it. */
  holds?: 'session' | 'reference'
  /** The name that it says. */
  sealedName?: string
  session?: ObservedSession
  passwordIndex?: number
  isFallback?: boolean
  expiresAt?: number
  /** Iterations with which a password would open it. */
  hint?: number
  /** The mount that keeps sessions of this name. */
  storage?: string
  /** What the store has in place of a record. */
  record?: 'none' | 'broken'
  /** Of a whole session where there is a store: whether it is taken over into it, and until when. */
  takeover?: { isOpen: boolean, until?: number }
}

/** From the worker: what came of a command. */
export interface AnswerMessage {
  type: 'answer'
  id: number
  error?: string
  result?: unknown
}

export type DevtoolsMessage = ObservedMessage | SentMessage | CommandMessage | AnswerMessage
