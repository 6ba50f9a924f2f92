import type { TimelineEvent, TimelineKind } from '../../../src/devtools/protocol'

export const KINDS: readonly TimelineKind[] = ['create', 'load', 'update', 'regenerate', 'clear', 'revoke', 'reject', 'deny', 'fail']

export interface TimelineFilter {
  /** `InspectedSession.key`, or empty for all sessions. */
  key: string
  kinds: ReadonlySet<TimelineKind>
}

/** Returns the events that pass the filter, newest first. */
export function filterTimeline(events: readonly TimelineEvent[], filter: TimelineFilter): TimelineEvent[] {
  return events
    .filter(event => filter.kinds.has(event.kind) && (filter.key === '' || event.key === filter.key))
    .sort((a, b) => b.seq - a.seq)
}
