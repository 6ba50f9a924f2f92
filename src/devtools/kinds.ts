import type { InspectedSession, TimelineKind } from './protocol'

const CHANGES: readonly TimelineKind[] = ['create', 'update', 'regenerate', 'clear', 'revoke']
const ENDINGS: readonly TimelineKind[] = ['clear', 'regenerate', 'revoke']
const FAILURES: readonly TimelineKind[] = ['reject', 'deny', 'fail']
const CALL_ENDS: readonly InspectedSession['ended'][] = ['cleared', 'regenerated', 'revoked']

/** Whether an event of this kind changes the session. */
export const isChange = (kind: TimelineKind): boolean => CHANGES.includes(kind)

/** Whether an event of this kind ends an id of the session. */
export const isEnding = (kind: TimelineKind): boolean => ENDINGS.includes(kind)

export const isFailure = (kind: TimelineKind): boolean => FAILURES.includes(kind)

/** Whether a session was ended by a call. Other ends are seen by its times, or in its store. */
export const isEndedByCall = ({ ended }: Pick<InspectedSession, 'ended'>): boolean => CALL_ENDS.includes(ended)
