import type { SessionDataShape } from '../core/model/types'

export const PAGE_SESSION = Symbol.for('nuxt-h3-session.page')

/** The requirement of a page for its visitor. */
export interface SessionRequirement {
  /** `false` admits any existing session; by default, it must be bound to a user. */
  userId?: boolean
  /** Requires a login at most this many seconds ago. */
  maxAuthAge?: number
}

/** How Nuxt sends a page. Hooks can change whether it is streamed. */
export interface PageDelivery { canStream: boolean, prefersStream: boolean }

/** The server's interface for the app to the session of a page that is rendered. */
export interface RenderedPage {
  /** Unset if the page is sent at once. */
  delivery?: PageDelivery
  /** Loads the session. If this fails, its `read` throws the error. */
  open: () => Promise<PageSession>
}

/** The session of a page that is rendered. */
export interface PageSession {
  /** How the page is made: only the HTML of a `rendered` one is for this visitor alone. */
  kind: 'rendered' | 'cached' | 'prerendered'
  /** Returns the present data that may reach the browser. From now on, the response depends on the session. */
  read: () => SessionDataShape
  clear: () => Promise<void>
  /** Logs a hint for the developer once per process. Set in development and while prerendering. */
  warnOnce?: (message: string) => void
  meets: (requirement: SessionRequirement) => Promise<boolean>
}

/** The session in the page's payload. */
export interface SessionPayload {
  /** The data as rendered; unset if no component used it. */
  data?: SessionDataShape
  /** The data at the end of rendering, if it changed after its first use. */
  latest?: SessionDataShape
  /** Whether the server has checked the visitor. */
  isChecked?: true
}

export interface PageContext { [PAGE_SESSION]?: RenderedPage }
