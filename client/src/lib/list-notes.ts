import type { InspectedStore } from '../../../src/devtools/protocol'
import { plural } from './format'
import type { PanelSession, PanelState } from './state'

/** `details`: what is shown on request. */
export interface ListNote { text: string, details?: string, isFailure: boolean }

/** What the list of sessions leaves out: of stores that have more or cannot be read, and beyond its own limit. */
export function sessionNotes({ sessions, stores, limits }: Pick<PanelState, 'sessions' | 'stores' | 'limits'>): ListNote[] {
  const seen = sessions.filter(({ transport, origin }) => transport !== 'unknown' && origin === undefined)
  const full = { text: `The list has the ${plural(limits.sessions, 'session')} that requests have used last. Older ones were dropped.`, isFailure: false }
  return [...stores.map(store => noteOf(store, limits.stored)).filter(note => note !== undefined), ...seen.length >= limits.sessions ? [full] : []]
}

/** That the list of requests is full. */
export function requestNote({ requests, limits }: Pick<PanelState, 'requests' | 'limits'>): string | undefined {
  return requests.length >= limits.requests ? `DevTools keeps the newest ${plural(limits.requests, 'request')} of all sessions. Older ones were dropped, first those that change nothing.` : undefined
}

/** In place of an empty list of requests. */
export function noRequests({ requests }: Pick<PanelState, 'requests'>): string {
  return requests.length > 0 ? 'No request matches.' : 'No requests yet. Requests that create, read, change or end a session appear here immediately.'
}

/** In place of an empty timeline of a session. It has no filter. */
export function noRequestsOf({ origin, transport }: Pick<PanelSession, 'origin' | 'transport'>, state: Pick<PanelState, 'clears' | 'requests' | 'limits'>): string {
  if (origin === 'file') return 'The imported file has no requests of this session.'
  if (transport === 'unknown') return 'No request has used this session since the development server started.'
  return state.clears > 0 && requestNote(state) === undefined ? 'No request has used this session since the requests were cleared.' : 'No request of this session is listed.'
}

function noteOf({ storage, hasMore, error }: InspectedStore, limit: number): ListNote | undefined {
  if (error !== undefined) return { text: `The store “${storage}” cannot be read.`, details: error, isFailure: true }
  if (!hasMore) return undefined
  return { text: `The store “${storage}” has more sessions. The list shows the first ${limit}, in the store's own order, and those of requests.`, isFailure: false }
}
