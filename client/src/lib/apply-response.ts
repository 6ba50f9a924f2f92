import { newestRequests } from '../../../src/devtools/newest-requests'
import type { InspectedRequest, InspectedSession, StateResponse } from '../../../src/devtools/protocol'
import { beforeRestart, isCleared, isOfEarlierRun, ofEarlierRuns, withEarlier, withMissing } from './earlier-runs'
import { nameTokens, rejectedTokens } from './known-tokens'
import { namesCreatedByPanel, withoutRepeatedChecks } from './requests'
import type { PanelSession, PanelState, Rejected } from './state'

/**
 * Applies a response to the previous state. Unchanged sessions and requests stay the same objects, so that Vue does not
 * render them again. What was seen before a restart of the server stays: only this page has it.
 */
export function applyResponse(previous: PanelState | undefined, response: StateResponse, now: number): PanelState {
  const { isComplete, removed, historyKey: _, ...fresh } = response
  const earlier = previous && stillKnown(previous, response)
  const requests = new Map<string, InspectedRequest>(earlier?.requests.map(request => [request.id, request]))
  const sessions = new Map<string, InspectedSession | PanelSession>(earlier?.sessions.map(session => [session.key, session]))
  const before = new Map(previous?.sessions.map(session => [session.key, session]))
  for (const key of removed) sessions.delete(key)
  for (const session of fresh.sessions) {
    const known = sessions.get(session.key)
    sessions.set(session.key, withEarlier(withKnownData(session, known), known ?? before.get(session.key)))
  }
  for (const request of fresh.requests) requests.set(request.id, nameTokens(request, sessions.values()))
  const current = new Set(fresh.current)
  const lost = new Set(previous?.sessions.filter(session => session.isCurrent || session.isLost).map(session => session.key))
  const listed = withoutRepeatedChecks([...requests.values()])
  const rejected = rejectedTokens(listed)
  const created = namesCreatedByPanel(listed, current)
  return {
    ...fresh,
    requests: newestRequests(listed, fresh.limits.requests),
    sessions: Array.from(sessions.values(), (session) => {
      const known = before.get(session.key)
      const latest = atTime(withMissing(withReject(session, known?.rejected, rejected.get(session.key)), fresh.stores), current, now, lost)
      return withReplacement(latest, known?.isReplaced || created.has(session.name))
    }),
  }
}

/** What a response leaves of the previous state. A cleared list comes complete. */
function stillKnown(previous: PanelState, response: StateResponse): Pick<PanelState, 'sessions' | 'requests'> | undefined {
  if (isCleared(previous, response)) return undefined
  if (isOfEarlierRun(previous, response)) return beforeRestart(previous)
  return response.isComplete ? ofEarlierRuns(previous) : previous
}

/** A session that was only read comes without its data. Without a copy here, the data is fetched when the session is opened. */
function withKnownData({ hasSameData, ...session }: InspectedSession, known: InspectedSession | undefined): InspectedSession {
  return hasSameData ? { ...session, data: known?.data, flash: known?.flash } : session
}

/** Marks a session whose token was rejected after its last use, also if that request is no longer listed. */
function withReject(session: InspectedSession | PanelSession, known: Rejected | undefined, last = known): InspectedSession | PanelSession {
  const isSame = last?.at === known?.at && last?.explanation === known?.explanation
  const latest = isSame ? known : last
  const rejected = latest && latest.at >= session.lastUsedAt ? latest : undefined
  return ('rejected' in session ? session.rejected : undefined) === rejected ? session : { ...session, rejected }
}

/** Marks a session of this browser whose cookie DevTools itself has replaced. */
function withReplacement(session: PanelSession, byPanel: boolean): PanelSession {
  const isReplaced = (session.isLost && byPanel) || undefined
  return session.isReplaced === isReplaced ? session : { ...session, isReplaced }
}

/** Leaves out the requests, the ended sessions, and what was seen before a restart. */
export function forgetEnded(state: PanelState): PanelState {
  return { ...state, requests: [], sessions: state.sessions.filter(({ ended, origin }) => ended === undefined && origin === undefined) }
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
  const isRejected = 'rejected' in session && session.rejected !== undefined
  const isCurrent = ended === undefined && !isRejected && current.has(session.key)
  const wasCurrent = lost ? lost.has(session.key) : 'isLost' in session && session.isLost
  const isKnown = !('origin' in session && session.origin !== undefined)
  const isLost = (wasCurrent && !isCurrent && !isRejected && isKnown && ended === undefined) || undefined
  if ('isCurrent' in session && session.isCurrent === isCurrent && session.ended === ended && session.isLost === isLost) return session
  return { ...session, ended, isCurrent, isLost }
}
