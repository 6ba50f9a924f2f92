import { isCookieOver } from './cookie-facts'
import { endedLabel } from './sessions'
import type { PanelSession } from './state'

/** What became of a session or its cookie. */
export type MarkKind = 'ended' | 'rejected' | 'replaced' | 'overwritten' | 'cookie expired' | 'lost' | 'cleared' | 'undelivered' | 'unreturned'

/** A session's most telling mark: the list shows it, and `whyEnded` explains it. */
export interface Mark {
  kind: MarkKind
  label: string
  title: string
  isAlarm: boolean
}

/** The mark of a session. `undefined`: nothing is wrong, as far as the server has seen. */
export function markOf(session: PanelSession, now: number): Mark | undefined {
  const { ended, rejected, isReplaced, overwritten, isLost, cleared, undelivered, unreturned } = session
  const alarm = (kind: MarkKind, label: string, title: string): Mark => ({ kind, label, title, isAlarm: true })
  if (ended !== undefined) return alarm('ended', endedLabel(ended), `The session has ended: ${endedLabel(ended)}`)
  if (rejected) return alarm('rejected', 'rejected', 'The app rejects its token')
  if (isReplaced) return { ...alarm('replaced', 'replaced by DevTools', 'A session that DevTools created in this browser has replaced its cookie'), isAlarm: false }
  if (overwritten) return alarm('overwritten', 'overwritten', `A parallel request has ${overwritten.isRemoval ? 'removed' : 'replaced'} its cookie`)
  if (isCookieOver(session, now)) return alarm('cookie expired', 'cookie expired', 'Its browser does not send its cookie any more')
  if (isLost) return alarm('lost', 'cookie lost', 'This browser does not send its cookie any more')
  if (cleared?.undoneBy) return alarm('cleared', 'clear() overwritten', 'A parallel request has set its cookie again')
  if (cleared) return alarm('cleared', 'used after clear()', 'A copy of its cookie was sent after clear()')
  if (undelivered) return alarm('undelivered', 'did not arrive', 'The response with its cookie did not arrive')
  if (unreturned !== undefined) return alarm('unreturned', 'never came back', 'The next request of its browser did not send its cookie')
  return undefined
}
