import type { Transport } from './transport'
import { startNew } from './context'
import type { SessionContext } from './context'
import { responseValue } from '../cookie/set-cookie'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SessionState } from './state'
import type { Session, SessionDataShape } from '../model/types'

/**
 * Follows what h3's own functions did to the session in the same request: they replace or remove the entry at
 * `event.context.sessions`.
 */
export function followH3(context: SessionContext): void {
  const { transport, state } = context
  if (!state.isBridged) return
  const h3Session = transport.sessions[state.name]
  if (state.loading) return
  if (h3Session === state.record) {
    if (state.isCleared && wasSent(context)) markWritten(context)
    return
  }
  if (h3Session === undefined) {
    startNew(context)
    state.isCleared = true
    return
  }
  state.record = h3Session
  markWritten(context)
}

/** h3 sent the session: what was cleared before has begun again. */
function markWritten({ state }: SessionContext): void {
  state.isCommitted = true
  state.isCleared = false
}

function wasSent({ transport, config }: SessionContext): boolean {
  const { cookie, name } = config
  return cookie !== false && Boolean(responseValue(transport.setCookies(), name, cookie))
}

/** Whether h3 removed the session in this request before we looked: its cookie in the request is of the past. */
export function wasRemoved({ transport, config, state }: SessionContext): boolean {
  const { cookie, name } = config
  return state.isBridged && cookie !== false && responseValue(transport.setCookies(), name, cookie) === ''
}

/** The session that h3's own functions put into the request, once they have read it. */
export function readH3Session(transport: Transport, { name, earlier, isBridged }: SessionState): MaybePromise<Session<SessionDataShape> | undefined> {
  const h3Session = isBridged ? transport.sessions[name] : undefined
  return h3Session && h3Session !== earlier ? inFlight(transport, name, h3Session) : undefined
}

async function inFlight(transport: Transport, name: string, h3Session: Session<SessionDataShape>): Promise<Session<SessionDataShape> | undefined> {
  // h3 leaves the promise of a session in flight on the entry, under a symbol of its own.
  for (const key of Object.getOwnPropertySymbols(h3Session)) await (h3Session as unknown as Record<symbol, unknown>)[key]
  return transport.sessions[name]
}
