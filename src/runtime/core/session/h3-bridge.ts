import type { Transport } from './transport'
import { startCleared } from './context'
import type { SessionContext } from './context'
import { responseValue } from '../cookie/cookies'
import type { SessionState } from './state'
import type { Session, SessionDataShape } from '../model/types'

/** Follows the session of h3's own `useSession`: h3 replaces or removes the entry in `event.context.sessions`. */
export function followH3(context: SessionContext): void {
  const { transport, state } = context
  if (!state.isBridged || state.loading) return
  const h3Session = transport.sessions[state.name]
  if (h3Session === undefined) return startCleared(context)
  if (h3Session === state.record && !(state.isCleared && sentValue(context))) return
  // h3 has sent the session.
  state.record = h3Session
  state.isCommitted = true
  state.isCleared = false
}

/** Whether h3 removed the session earlier in this request. The request's cookie is then outdated. */
export function wasRemoved(context: SessionContext): boolean {
  return context.state.isBridged && sentValue(context) === ''
}

/** The value of the session's cookie in the response; `''` if the response removes it. */
export function sentValue({ transport, config: { name, cookie } }: SessionContext): string | undefined {
  if (cookie === false) return undefined
  const lines = transport.setCookies()
  return lines.length === 0 ? undefined : responseValue(lines, name, cookie)
}

/** The session that h3's own functions loaded in this request, if any. */
export function readH3Session(transport: Transport, { name, earlier, isBridged }: SessionState): Promise<Session<SessionDataShape> | undefined> | undefined {
  const h3Session = isBridged ? transport.sessions[name] : undefined
  return h3Session && h3Session !== earlier ? inFlight(transport, name, h3Session) : undefined
}

async function inFlight(transport: Transport, name: string, h3Session: Session<SessionDataShape>): Promise<Session<SessionDataShape> | undefined> {
  // While h3 loads a session, its entry has a promise under a symbol.
  for (const key of Object.getOwnPropertySymbols(h3Session)) await (h3Session as unknown as Record<symbol, unknown>)[key]
  return transport.sessions[name]
}
