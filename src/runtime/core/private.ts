import type { Carrier } from './carrier'
import type { ResolvedConfig } from './config'
import { SessionError } from './errors'
import type { SessionState } from './state'

/**
 * Refuses a session inside a cached handler, where one visitor's answer would be served to others.
 * @throws SESSION_CACHED_ROUTE
 */
export function assertPrivate({ carrier, config, state }: { carrier: Carrier, config: ResolvedConfig, state: SessionState | undefined }): void {
  if (carrier.isPrerendering()) return
  const came = state?.origin === 'header' || config.cookie === false ? config.sessionHeader : 'cookie'
  const header = came === false ? 'cookie' : came
  if (!carrier.isShared(header)) return
  throw new SessionError('SESSION_CACHED_ROUTE',
    `the session "${config.name}" was used in a cached route, where one visitor's answer is served to others. Use it in a route without cache or isr rules, or add "${header}" to the "varies" of a cached handler.`)
}
