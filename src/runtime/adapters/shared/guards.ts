import type { SessionEvent } from './event'

export const GUARDS = Symbol.for('nuxt-h3-session.guards')

/** The checks of a request that its routes have started. Their code is loaded with the first one. */
export interface RequestGuards {
  /** Awaits the forgotten ones, or those of one event; `undefined` if there are none. @throws their error */
  settle: (event?: SessionEvent) => Promise<unknown> | undefined
}

export type Guarded<T = RequestGuards> = { [GUARDS]?: T } | undefined

/** Awaits the forgotten guards of a request, before its response is sent; `undefined` if there are none. @throws their error */
export function settleGuards(event: { context?: unknown }): Promise<unknown> | undefined {
  return (event.context as Guarded)?.[GUARDS]?.settle()
}

/** Awaits those of a cached handler, before its response is stored for other visitors. Its event shares the request's context. */
export function settleHandlerGuards(event: SessionEvent): Promise<unknown> | undefined {
  return (event.context as Guarded)?.[GUARDS]?.settle(event)
}
