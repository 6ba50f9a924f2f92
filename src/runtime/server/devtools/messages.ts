import type { HappeningKind } from '../../core/observer'
import type { Session } from '../../core/types'

/** Environment variable that tells the server's worker where the DevTools listen. */
export const CHANNEL_VARIABLE = '__NUXT_H3_SESSION_DEVTOOLS__'

/** From the worker: what happened to a session in a request. */
export interface ObservedMessage {
  type: 'observed'
  kind: HappeningKind
  at: number
  method: string
  path: string
  /** A line of the calling stack in the built server. */
  frame?: string
  keeper: 'module' | 'h3'
  carrier: 'cookie' | 'header' | 'none'
  name: string
  reason?: string
  session?: Session<Record<string, unknown>>
  before?: Session<Record<string, unknown>>
  expiresAt?: number
  passwordIndex?: number
  isLegacy?: boolean
  /** Bytes of the session's cookies as the browser has them now, names included. */
  bytes?: number
  chunks?: number
  /** The Set-Cookie line of this response, without the value. */
  attributes?: string
  /** SHA-256 of the token that the browser sends from now on. */
  tokenHash?: string
}

/** From the worker: a response of which something was observed is sent, so that its browser has the cookie now. */
export interface SentMessage { type: 'sent' }

/** To the worker: a command of the panel. */
export interface CommandMessage {
  type: 'command'
  id: number
  command: WorkerCommand
}

export type WorkerCommand =
  | { op: 'names' }
  | { op: 'act', action: 'edit' | 'regenerate' | 'expire' | 'clear', name: string, data?: object, headers: Record<string, string> }
  | { op: 'create', name: string, data: object, userId?: string, maxAge?: number, headers: Record<string, string> }
  | { op: 'reveal', name: string, session: Session<Record<string, unknown>> }
  | { op: 'unseal', name?: string, token: string }

/** From the worker: what came of a command. */
export interface AnswerMessage {
  type: 'answer'
  id: number
  error?: string
  result?: unknown
}

export type DevtoolsMessage = ObservedMessage | SentMessage | CommandMessage | AnswerMessage
