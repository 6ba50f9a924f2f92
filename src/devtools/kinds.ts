import type { InspectedRequest, InspectedSession, TimelineKind } from './protocol'

type Ended = InspectedSession['ended']

const CHANGES: readonly TimelineKind[] = ['create', 'update', 'regenerate', 'clear', 'revoke']
const FAILURES: readonly TimelineKind[] = ['reject', 'deny', 'fail']
/** How calls end a session, or its id. */
const ENDS: Partial<Record<TimelineKind, Ended>> = { clear: 'cleared', regenerate: 'regenerated', revoke: 'revoked' }

/** Whether an event of this kind changes the session. */
export const isChange = (kind: TimelineKind): boolean => CHANGES.includes(kind)

export const isFailure = (kind: TimelineKind): boolean => FAILURES.includes(kind)

/** Whether an event only reads. A denied prefetch does too: no visitor was refused. */
export const isRead = ({ isPrefetch }: Pick<InspectedRequest, 'isPrefetch'>, kind: TimelineKind): boolean => kind === 'load' || (kind === 'deny' && isPrefetch === true)

/** How an event of this kind ends a session, or its id. */
export const endOf = (kind: TimelineKind): Ended => ENDS[kind]

/** Whether a session was ended by a call. Other ends are seen by its times, or in its store. */
export const isEndedByCall = ({ ended }: Pick<InspectedSession, 'ended'>): boolean => ended !== undefined && Object.values(ENDS).includes(ended)
