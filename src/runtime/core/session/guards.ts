import type { SessionContext } from './context'
import { SessionError } from '../model/errors'

const REFUSALS = {
  'readonly': ['SESSION_READONLY', 'a session cannot be written without a response for its cookie. Write it in an HTTP route.'],
  'headers-sent': ['SESSION_HEADERS_SENT', 'the response\'s headers were sent before this write. Write the session before the first byte of the body.'],
  'prerender': ['SESSION_CACHED_ROUTE', 'a session was written during prerendering. A prerendered page is the same for all visitors. Write it in a route that is not prerendered.'],
} as const

/**
 * Asserts that the response can carry a new token.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertCanSend({ transport, config, state }: SessionContext): void {
  const refusal = transport.writeRefusal()
  if (refusal === undefined) return
  // Without a cookie and a session header, nothing has to be sent.
  if (refusal === 'headers-sent' && config.cookie === false && state.origin !== 'header') return
  const [code, message] = REFUSALS[refusal]
  throw new SessionError(code, message)
}
