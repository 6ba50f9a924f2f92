import type { TimelineEvent } from '../../../src/devtools/protocol'
import type { PanelSession } from './state'

const ENDING: readonly TimelineEvent['kind'][] = ['clear', 'regenerate', 'revoke', 'reject']
const ENDS = {
  cleared: 'It was cleared',
  regenerated: 'It got a new id',
  revoked: 'It was revoked',
  expired: 'It has expired',
  malformed: 'Its record in the store is not valid',
  gone: 'Its store has no record of it: the record was lost or removed',
}

/** How a session ended and by which request, in a sentence. `undefined` if it has not ended. */
export function whyEnded(session: PanelSession, timeline: readonly TimelineEvent[]): string | undefined {
  const { ended, key, isLost } = session
  if (ended === undefined) return isLost ? 'This browser does not send its cookie any more: the cookie was deleted, replaced or has expired in the browser.' : undefined
  // A new id is an event of the new session.
  const event = timeline.findLast(each => ENDING.includes(each.kind) && each.key === (ended === 'regenerated' ? session.next ?? key : key))
  const where = event ? ` by ${event.method || 'a call'} ${event.path}`.trimEnd() + (event.sources[0] ? ` (${event.sources[0]})` : '') : ''
  if (event?.kind === 'reject') return `${event.explanation ?? ENDS[ended]} Its last request was ${event.method} ${event.path}.`
  return `${ENDS[ended]}${ended === 'cleared' || ended === 'regenerated' || ended === 'revoked' ? where : ''}.`
}
