import { newestRequests } from '../../../src/devtools/newest-requests'
import type { InspectedRequest, InspectedSession, StateResponse } from '../../../src/devtools/protocol'

export interface PanelSession extends InspectedSession {
  /** Whether it is a session of this browser that has not ended. */
  isCurrent: boolean
  /** It was a session of this browser, which does not send its cookie any more. */
  isLost?: boolean
}

/** All that the panel knows. */
export interface PanelState extends Omit<StateResponse, 'sessions' | 'isComplete' | 'removed'> {
  sessions: PanelSession[]
}

/** Applies a response to the previous state. Unchanged sessions and requests stay the same objects, so that Vue does not render them again. */
export function applyResponse(previous: PanelState | undefined, response: StateResponse, now: number): PanelState {
  const { isComplete, removed, ...fresh } = response
  const earlier = isComplete ? undefined : previous
  const requests = new Map<string, InspectedRequest>(earlier?.requests.map(request => [request.id, request]))
  for (const request of fresh.requests) requests.set(request.id, request)
  const sessions = new Map<string, InspectedSession>(earlier?.sessions.map(session => [session.key, session]))
  for (const key of removed) sessions.delete(key)
  for (const session of fresh.sessions) sessions.set(session.key, session)
  const current = new Set(fresh.current)
  const lost = new Set(previous?.sessions.filter(session => session.isCurrent || session.isLost).map(session => session.key))
  return { ...fresh, requests: newestRequests([...requests.values()], fresh.limits.requests), sessions: Array.from(sessions.values(), session => atTime(session, current, now, lost)) }
}

/** Ends the sessions that have expired. Returns the same state if there are none. */
export function expireSessions(state: PanelState, now: number): PanelState {
  const current = new Set(state.current)
  const sessions = state.sessions.map(session => atTime(session, current, now))
  return sessions.some((session, index) => session !== state.sessions[index]) ? { ...state, sessions } : state
}

/** If a session is missing from its store after its expiry, it has expired. */
function atTime(session: InspectedSession | PanelSession, current: ReadonlySet<string>, now: number, lost?: ReadonlySet<string>): PanelSession {
  const isExpired = session.expiresAt !== undefined && session.expiresAt <= now
  const ended = isExpired && (session.ended === undefined || session.ended === 'gone') ? 'expired' : session.ended
  const isCurrent = ended === undefined && current.has(session.key)
  const wasCurrent = lost ? lost.has(session.key) : 'isLost' in session && session.isLost
  const isLost = (wasCurrent && !isCurrent && ended === undefined) || undefined
  if ('isCurrent' in session && session.isCurrent === isCurrent && session.ended === ended && session.isLost === isLost) return session
  return { ...session, ended, isCurrent, isLost }
}
