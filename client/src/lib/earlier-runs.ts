import { MAX_SEALS, MAX_WRITTEN_KEYS } from '../../../src/devtools/protocol'
import type { InspectedRequest, InspectedSession, InspectedStore, StateResponse } from '../../../src/devtools/protocol'
import type { PanelSession, PanelState } from './state'

type Known = Pick<PanelSession, 'seals' | 'earlierWriters'>

/** Whether the server was restarted between a state and a response. */
export function isOfEarlierRun(state: PanelState, response: StateResponse): boolean {
  return runOf(state) !== runOf(response)
}

/** Whether the list was cleared, here or in another page, after a state. A server counts from 0. */
export function isCleared(state: PanelState, response: StateResponse): boolean {
  return response.clears > (isOfEarlierRun(state, response) ? 0 : state.clears)
}

/** What was seen before the last restart. */
export function ofEarlierRuns({ sessions, requests }: PanelState): Pick<PanelState, 'sessions' | 'requests'> {
  return { sessions: sessions.filter(({ origin }) => origin === 'earlier'), requests: requests.filter(({ id }) => id.includes(' ')) }
}

/** The cursor begins with the id of the server's run. */
function runOf({ cursor }: { cursor: string }): string | undefined {
  return cursor.split('.')[0]
}

/** The present server has no data of earlier events, and counts its own from 1. */
export function beforeRestart(state: PanelState): Pick<PanelState, 'sessions' | 'requests'> {
  return {
    sessions: state.sessions.map(session => ({ ...session, isCurrent: false, origin: 'earlier', earlierWriters: session.writers })),
    requests: renumbered(state.requests).map(request => ({
      ...request, id: `${runOf(state)} ${request.id}`, events: request.events.map(event => ({ ...event, hasData: false })),
    })),
  }
}

/** The same requests with numbers of events below 0, in the same order. */
function renumbered(requests: readonly InspectedRequest[]): InspectedRequest[] {
  const shift = Math.max(...requests.flatMap(({ events }) => events.map(({ seq }) => seq))) + 1
  const shifted = <T extends { seq: number }>(item: T): T => ({ ...item, seq: item.seq - shift })
  return requests.map(request => ({
    ...request, events: request.events.map(event => ({ ...shifted(event), lost: event.lost && shifted(event.lost), sameChange: event.sameChange && shifted(event.sameChange) })),
  }))
}

/** Ends a session that its store has lost in a restart: the store is listed completely, without it. A rejected token says more. */
export function withMissing(session: InspectedSession | PanelSession, stores: readonly InspectedStore[]): InspectedSession | PanelSession {
  if (!('origin' in session) || session.origin !== 'earlier') return session
  if (session.rejected) return session.ended === 'gone' ? { ...session, ended: undefined } : session
  const isListed = stores.some(({ storage, hasMore, error }) => storage === session.storage && !hasMore && error === undefined)
  return isListed && session.ended === undefined ? { ...session, ended: 'gone' } : session
}

/** A restarted server does not know the writes before, nor the seals that it can no longer open. */
export function withEarlier(session: InspectedSession, known: Known | undefined): InspectedSession {
  return withEarlierWriters(withEarlierSeals(session, known), known)
}

function withEarlierSeals(session: InspectedSession, known: Known | undefined): InspectedSession {
  const seals = new Set([...session.seals ?? [], ...known?.seals ?? []])
  return seals.size === (session.seals?.length ?? 0) ? session : { ...session, seals: [...seals].slice(0, MAX_SEALS) }
}

function withEarlierWriters(session: InspectedSession, known: Known | undefined): InspectedSession & Known {
  const { earlierWriters } = known ?? {}
  const { writers = [] } = session
  if (earlierWriters === undefined || session.writers?.length === 0) return session
  const written = new Set(writers.map(({ key }) => key))
  const earlier = earlierWriters.filter(({ key }) => !written.has(key))
  return { ...session, writers: [...earlier, ...writers].slice(-MAX_WRITTEN_KEYS), earlierWriters }
}
