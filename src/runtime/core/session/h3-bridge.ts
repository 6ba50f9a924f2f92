import type { Transport } from './transport'
import { startNew } from './context'
import type { SessionContext } from './context'
import { responseValue } from '../cookie/cookies'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SessionState } from './state'
import type { Session, SessionDataShape } from '../model/types'

/** Applies changes by h3's own functions: they replace or remove the entry in `event.context.sessions`. */
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

/** h3 has sent the session, so it is no longer cleared. */
function markWritten({ state }: SessionContext): void {
  state.isCommitted = true
  state.isCleared = false
}

function wasSent({ transport, config }: SessionContext): boolean {
  const { cookie, name } = config
  return cookie !== false && Boolean(responseValue(transport.setCookies(), name, cookie))
}

/** Whether h3 removed the session earlier in this request. The request's cookie is then outdated. */
export function wasRemoved({ transport, config, state }: SessionContext): boolean {
  const { cookie, name } = config
  return state.isBridged && cookie !== false && responseValue(transport.setCookies(), name, cookie) === ''
}

/** The session that h3's own functions loaded in this request, if any. */
export function readH3Session(transport: Transport, { name, earlier, isBridged }: SessionState): MaybePromise<Session<SessionDataShape> | undefined> {
  const h3Session = isBridged ? transport.sessions[name] : undefined
  return h3Session && h3Session !== earlier ? inFlight(transport, name, h3Session) : undefined
}

async function inFlight(transport: Transport, name: string, h3Session: Session<SessionDataShape>): Promise<Session<SessionDataShape> | undefined> {
  // While h3 loads a session, its entry has a promise under a symbol.
  for (const key of Object.getOwnPropertySymbols(h3Session)) await (h3Session as unknown as Record<symbol, unknown>)[key]
  return transport.sessions[name]
}
