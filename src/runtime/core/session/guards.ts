import type { SessionContext } from './context'
import { SessionError } from '../model/errors'

const REFUSALS = {
  'readonly': ['SESSION_READONLY', 'a session cannot be written where no response carries its cookie. Write it in an HTTP route.'],
  'headers-sent': ['SESSION_HEADERS_SENT', 'the response\'s headers went out before this write. Write the session before the first byte of the body.'],
  'prerender': ['SESSION_CACHED_ROUTE', 'a session was written while prerendering, where one page is made for all visitors. Write it in a route that is not prerendered.'],
} as const

/**
 * Refuses a new token that the response cannot carry.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertCanSend({ transport, config, state }: SessionContext): void {
  const refusal = transport.writeRefusal()
  if (refusal === undefined) return
  // With no cookie and no header to answer with, a late write needs no response.
  if (refusal === 'headers-sent' && config.cookie === false && state.origin !== 'header') return
  const [code, message] = REFUSALS[refusal]
  throw new SessionError(code, message)
}
