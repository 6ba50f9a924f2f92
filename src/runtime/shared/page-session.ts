import type { SessionDataShape } from '../core/model/types'

/** Where an event's context holds the session of the page that is rendered. */
export const PAGE_SESSION = Symbol.for('nuxt-h3-session.page')

/** What a page asks of its visitor. */
export interface SessionRequirement {
  /** `false`: any session that was begun; else a user must be bound to it. */
  userId?: boolean
  /** Seconds since the login, at most. */
  maxAuthAge?: number
}

/** How Nuxt sends a page; hooks decide whether it is streamed. */
export interface PageDelivery {
  canStream: boolean
  prefersStream: boolean
}

/** The session while a page is rendered: the server's side of it, as the app's side asks for it. */
export interface PageSession {
  /** Unset: with the whole HTML. */
  delivery?: PageDelivery
  /**
   * Looks the session up; what fails is told to who reads it.
   * @returns whether the HTML is this visitor's alone: neither prerendered nor kept in a cache for others
   */
  load: () => Promise<boolean>
  /** What of the data may reach the browser, as changed so far. The response depends on it from now on. */
  read: () => SessionDataShape
  clear: () => Promise<void>
  /** Whether the visitor meets the requirement. */
  meets: (requirement: SessionRequirement) => Promise<boolean>
}

/** What a page brings to the browser. */
export interface SessionPayload {
  /** As the page shows it; unset where nothing of the page asked. */
  data?: SessionDataShape
  /** What a part of the page changed after another had shown it. */
  latest?: SessionDataShape
  /** The server has let the visitor in. */
  isChecked?: true
}

/** The context of an event that a page is rendered for. */
export interface PageContext { [PAGE_SESSION]?: PageSession }
