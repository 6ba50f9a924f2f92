import type { Carrier } from './transport'
import { begin } from './context'
import type { SessionContext } from './context'
import { responseValue } from '../cookie/set-cookie'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SessionState } from './state'
import type { Session, SessionDataShape } from '../model/types'

/**
 * Follows what h3's own functions did to the session in the same request: they replace or remove the entry at
 * `event.context.sessions`.
 */
export function followShared(context: SessionContext): void {
  const { carrier, state } = context
  if (!state.isShared) return
  const shared = carrier.sessions[state.name]
  if (state.loading) return
  if (shared === state.record) {
    if (state.isCleared && wasSent(context)) markWritten(context)
    return
  }
  if (shared === undefined) {
    begin(context)
    state.isCleared = true
    return
  }
  state.record = shared
  markWritten(context)
}

/** h3 sent the session: what was cleared before has begun again. */
function markWritten({ state }: SessionContext): void {
  state.isCommitted = true
  state.isCleared = false
}

function wasSent({ carrier, config }: SessionContext): boolean {
  const { cookie, name } = config
  return cookie !== false && Boolean(responseValue(carrier.setCookies(), name, cookie))
}

/** Whether h3 removed the session in this request before we looked: its cookie in the request is of the past. */
export function wasRemoved({ carrier, config, state }: SessionContext): boolean {
  const { cookie, name } = config
  return state.isShared && cookie !== false && responseValue(carrier.setCookies(), name, cookie) === ''
}

/** The session that h3's own functions put into the request, once they have read it. */
export function sharedSession(carrier: Carrier, { name, earlier, isShared }: SessionState): MaybePromise<Session<SessionDataShape> | undefined> {
  const shared = isShared ? carrier.sessions[name] : undefined
  return shared && shared !== earlier ? inFlight(carrier, name, shared) : undefined
}

async function inFlight(carrier: Carrier, name: string, shared: Session<SessionDataShape>): Promise<Session<SessionDataShape> | undefined> {
  // h3 leaves the promise of a session in flight on the entry, under a symbol of its own.
  for (const key of Object.getOwnPropertySymbols(shared)) await (shared as unknown as Record<symbol, unknown>)[key]
  return carrier.sessions[name]
}
