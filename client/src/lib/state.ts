import { newestRequests } from '../../../src/devtools/newest-requests'
import type { EventResponse, InspectedRequest, InspectedSession, StateResponse, TimelineEvent } from '../../../src/devtools/protocol'
import { nameTokens } from './known-tokens'

export interface PanelSession extends InspectedSession {
  /** Whether it is a session of this browser that has not ended. */
  isCurrent: boolean
  /** It was a session of this browser, which does not send its cookie any more. */
  isLost?: boolean
  /** Not known to the present server: seen before its restart, or imported from a file. */
  origin?: 'earlier' | 'file'
  /** Of an imported session, which has no part in the server's requests. */
  requests?: PanelRequest[]
}

export interface PanelEvent extends TimelineEvent {
  /** Of an imported event. */
  data?: EventResponse
}

export interface PanelRequest extends InspectedRequest {
  events: PanelEvent[]
}

/** All that the panel knows. */
export interface PanelState extends Omit<StateResponse, 'sessions' | 'isComplete' | 'removed' | 'historyKey'> {
  sessions: PanelSession[]
}

/**
 * Applies a response to the previous state. Unchanged sessions and requests stay the same objects, so that Vue does not
 * render them again. What was seen before a restart of the server stays: only this page has it.
 */
export function applyResponse(previous: PanelState | undefined, response: StateResponse, now: number): PanelState {
  const { isComplete, removed, historyKey: _, ...fresh } = response
  const known = isComplete ? previous && ofEarlierRuns(previous) : previous
  const earlier = previous && isOfEarlierRun(previous, response) ? beforeRestart(previous) : known
  const requests = new Map<string, InspectedRequest>(earlier?.requests.map(request => [request.id, request]))
  const sessions = new Map<string, InspectedSession | PanelSession>(earlier?.sessions.map(session => [session.key, session]))
  const before = new Map(previous?.sessions.map(session => [session.key, session]))
  for (const key of removed) sessions.delete(key)
  for (const session of fresh.sessions) sessions.set(session.key, withEarlierWriters(session, before.get(session.key)))
  for (const request of fresh.requests) requests.set(request.id, nameTokens(request, sessions.values()))
  const current = new Set(fresh.current)
  const lost = new Set(previous?.sessions.filter(session => session.isCurrent || session.isLost).map(session => session.key))
  return { ...fresh, requests: newestRequests([...requests.values()], fresh.limits.requests), sessions: Array.from(sessions.values(), session => atTime(session, current, now, lost)) }
}

/** A restarted server does not know the writes before. */
function withEarlierWriters(session: InspectedSession, known: InspectedSession | undefined): InspectedSession {
  if (session.writers?.length === 0) return session
  const writers = new Map([...known?.writers ?? [], ...session.writers ?? []].map(write => [write.key, write]))
  return writers.size === (session.writers?.length ?? 0) ? session : { ...session, writers: [...writers.values()] }
}

/** Leaves out the requests, the ended sessions, and what was seen before a restart. */
export function forgetEnded(state: PanelState): PanelState {
  return { ...state, requests: [], sessions: state.sessions.filter(({ ended, origin }) => ended === undefined && origin === undefined) }
}

/** Whether the server was restarted between a state and a response. */
function isOfEarlierRun(state: PanelState, response: StateResponse): boolean {
  return runOf(state) !== runOf(response)
}

/** What a reloaded page takes from its state before the reload. The server knows the rest, if it was not restarted. */
export function afterReload(state: PanelState, response: StateResponse): PanelState {
  return isOfEarlierRun(state, response) ? state : { ...state, ...ofEarlierRuns(state) }
}

function ofEarlierRuns({ sessions, requests }: PanelState): Pick<PanelState, 'sessions' | 'requests'> {
  return { sessions: sessions.filter(({ origin }) => origin === 'earlier'), requests: requests.filter(({ id }) => id.includes(' ')) }
}

/** The cursor begins with the id of the server's run. */
function runOf({ cursor }: { cursor: string }): string | undefined {
  return cursor.split('.')[0]
}

/** The present server has no data of earlier events, and counts its own from 1. */
function beforeRestart(state: PanelState): Pick<PanelState, 'sessions' | 'requests'> {
  return {
    sessions: state.sessions.map(session => ({ ...session, isCurrent: false, origin: 'earlier' })),
    requests: renumbered(state.requests).map(request => ({
      ...request, id: `${runOf(state)} ${request.id}`, events: request.events.map(event => ({ ...event, hasData: false })),
    })),
  }
}

/** The same requests with numbers of events below 0, in the same order. */
function renumbered(requests: readonly InspectedRequest[]): InspectedRequest[] {
  const shift = Math.max(...requests.flatMap(({ events }) => events.map(({ seq }) => seq))) + 1
  return requests.map(request => ({
    ...request, events: request.events.map(event => ({ ...event, seq: event.seq - shift, lost: event.lost && { ...event.lost, seq: event.lost.seq - shift } })),
  }))
}

/** Ends the sessions that have expired. Returns the same state if there are none. */
export function expireSessions(state: PanelState, now: number): PanelState {
  // Every second, so without a copy of the list unless a session has just expired.
  if (!state.sessions.some(session => endAt(session, now) !== session.ended)) return state
  const current = new Set(state.current)
  return { ...state, sessions: state.sessions.map(session => atTime(session, current, now)) }
}

/** If a session is missing from its store after its expiry, it has expired. */
function endAt({ expiresAt, ended }: InspectedSession, now: number): InspectedSession['ended'] {
  const isExpired = expiresAt !== undefined && expiresAt <= now
  return isExpired && (ended === undefined || ended === 'gone') ? 'expired' : ended
}

function atTime(session: InspectedSession | PanelSession, current: ReadonlySet<string>, now: number, lost?: ReadonlySet<string>): PanelSession {
  const ended = endAt(session, now)
  const isCurrent = ended === undefined && current.has(session.key)
  const wasCurrent = lost ? lost.has(session.key) : 'isLost' in session && session.isLost
  const isKnown = !('origin' in session && session.origin !== undefined)
  const isLost = (wasCurrent && !isCurrent && isKnown && ended === undefined) || undefined
  if ('isCurrent' in session && session.isCurrent === isCurrent && session.ended === ended && session.isLost === isLost) return session
  return { ...session, ended, isCurrent, isLost }
}
