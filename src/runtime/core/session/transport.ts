import type { ResponseCache } from './cached-routes/response-cache'
import type { SessionState } from './state'
import type { Session, SessionDataShape } from '../model/types'

/** Why no response can carry a write. */
export type WriteRefusal = 'readonly' | 'headers-sent' | 'prerender'

/** Reads tokens from a request and writes them to its response. */
export interface Transport {
  /** `event.context.sessions`, which h3's own functions use. */
  readonly sessions: Record<string, Session<SessionDataShape> | undefined>
  /** The request's session states by name. Without a prototype, since a cookie can have any name. */
  readonly states: Record<string, SessionState | undefined>
  requestHeader: (name: string) => string | undefined
  requestCookies: () => Record<string, string>
  isSecure: () => boolean
  /** The client's address: the socket's, or the first of `X-Forwarded-For`. */
  address: (source: 'socket' | 'forwarded') => string | undefined
  /** The server's caches that store this response or that of the outer request. Most routes have none. */
  caches: () => readonly ResponseCache[]
  writeRefusal: () => WriteRefusal | undefined
  setCookies: () => readonly string[]
  replaceSetCookies: (lines: string[]) => void
  /** `undefined` removes it. */
  setHeader: (name: string, value: string | undefined) => void
  /** Marks the response as private to this visitor, and adds to `Vary`. */
  markPrivate: (vary: readonly string[]) => void
  /** Sets `no-store`. */
  markUncacheable: () => void
  /** Removes this site's responses from the browser's caches, also from the one of its back button. */
  clearBrowserCache: () => void
}
