import { digest } from 'ohash/crypto'
import { isToken, joinChunks, responseValue } from '../../core/cookie/cookies'
import type { SessionHost } from '../../adapters/shared/host'
import type { SessionEvent } from '../../adapters/shared/event'
import type { KnownOptions } from './known-options'
import type { ObservedMessage } from './messages'
import { clientOf, describeRequest } from './observe'

/** The Set-Cookie lines of a response. `own`: those that this module has set. */
interface SentLines { all: readonly string[], own: readonly string[] }

/**
 * The sessions whose cookie a request has sent without using them, and those whose cookie the app itself has removed or
 * replaced in the response: by a Set-Cookie line without a seal.
 */
export function describeCookieUse(event: SessionEvent, host: Pick<SessionHost, 'outerEvent' | 'transportOf'>, known: KnownOptions, { all, own }: SentLines, at: number): ObservedMessage[] {
  // The response to an inner request reaches no browser.
  if (host.outerEvent(event)) return []
  const transport = host.transportOf(event)
  const cookies = transport.requestCookies()
  const lines = all.filter(line => !own.includes(line))
  if (lines.length === 0 && !Object.entries(cookies).some(([name, value]) => isToken(value) && !transport.states[name])) return []
  return known.names.flatMap((name) => {
    const token = joinChunks(name, cookies)
    const cookie = (token || lines.length > 0) && known.configOf(name).cookie
    if (!cookie) return []
    const value = responseValue(lines, name, cookie)
    const isUnused = Boolean(token) && !transport.states[name]
    const isRemoved = value !== undefined && !isToken(value)
    if (!isUnused && !isRemoved) return []
    const message = {
      type: 'observed', at, keeper: 'module', transport: 'cookie', name, client: clientOf(transport),
      ...token && { tokenHash: digest(token) },
      ...describeRequest(transport),
    } as const
    return (['unused', 'remove'] as const).filter(kind => kind === 'unused' ? isUnused : isRemoved).map(kind => ({ ...message, kind }))
  })
}
