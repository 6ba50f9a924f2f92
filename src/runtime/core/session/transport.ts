import type { ResponseCache } from './cached-routes/response-cache'
import type { SessionState } from './state'
import type { Session, SessionDataShape } from '../model/types'

/** Why no response can carry a write. */
export type WriteRefusal = 'readonly' | 'headers-sent' | 'prerender'

/** A request and its response, as the core needs them. */
export interface Transport {
  /** `event.context.sessions`: where h3's own functions look for the sessions of a request. */
  readonly sessions: Record<string, Session<SessionDataShape> | undefined>
  /** Our states of the same request, by name; without a prototype, since any cookie's name can be one. */
  readonly states: Record<string, SessionState | undefined>
  requestHeader: (name: string) => string | undefined
  requestCookies: () => Record<string, string>
  /** Whether the request came over HTTPS. */
  isSecure: () => boolean
  /** The client's address: the socket's, or what the first proxy says. */
  address: (source: 'socket' | 'forwarded') => string | undefined
  /** Whether a browser asks ahead of its user. */
  isPrefetch: () => boolean
  /** The caches of the server that keep the response, or that of the request around this one; on most routes none. */
  caches: () => readonly ResponseCache[]
  isPrerendering: () => boolean
  writeRefusal: () => WriteRefusal | undefined
  setCookies: () => readonly string[]
  replaceSetCookies: (lines: string[]) => void
  /** `undefined` removes it. */
  setHeader: (name: string, value: string | undefined) => void
  /** Says that the response is for this visitor only, and what it depends on. */
  markPrivate: (vary: readonly string[]) => void
  /** Says that no cache may keep the response. */
  markUncacheable: () => void
}
