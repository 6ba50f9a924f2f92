import type { InspectedRequest, TimelineEvent } from '../../src/devtools/protocol'
import type { PanelSession } from '../src/lib/state'

/** A session as in the server's state, for tests. */
export function session(overrides: Partial<PanelSession> = {}): PanelSession {
  return {
    key: 'main:1', name: 'main', id: '1', handle: 'h1', createdAt: 0, lastUsedAt: 0, transport: 'cookie', keeper: 'module',
    data: {}, bytes: 400, chunks: 1, isCurrent: false, ...overrides,
  }
}

/** A request with events of the session `main:1`, named by its first event's number. */
export function request(events: Partial<TimelineEvent>[], overrides: Partial<InspectedRequest> = {}): InspectedRequest {
  const all = events.map((event, index): TimelineEvent => ({ seq: index + 1, at: 0, kind: 'load', key: 'main:1', name: 'main', keeper: 'module', sources: [], changes: [], hasData: false, ...event }))
  return { id: `r${all[0]?.seq}`, at: 0, method: 'POST', path: '/', events: all, ...overrides }
}
