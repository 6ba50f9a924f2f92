import { isSameTime } from '../../../src/devtools/same-time'
import type { Clear, Overwrite } from '../../../src/devtools/protocol'
import { endedLabel } from './sessions'
import type { PanelSession, Rejected } from './state'

/** What became of a session or its cookie, with the fact that says so. `expires`: when its browser's cookie ended. */
type Fact =
  | { kind: 'ended', ended: NonNullable<PanelSession['ended']> }
  | { kind: 'rejected', rejected: Rejected }
  | { kind: 'replaced by DevTools' }
  | { kind: 'overwritten', overwritten: Overwrite }
  | { kind: 'cookie expired', expires: number }
  | { kind: 'cookie lost' }
  | { kind: 'used after clear', cleared: Clear }
  | { kind: 'did not arrive', undelivered: NonNullable<PanelSession['undelivered']> }
  | { kind: 'never came back', unreturned: string }

/** A session's most telling mark: the list shows it, and `whyEnded` explains it. */
export type Mark = Fact & { label: string, title: string, isAlarm: boolean }

/** The mark of a session. `undefined`: nothing is wrong, as far as the server has seen. */
export function markOf(session: PanelSession, now: number): Mark | undefined {
  const { ended, rejected, isReplaced, overwritten, isLost, cleared, undelivered, unreturned } = session
  if (ended !== undefined) return marked({ kind: 'ended', ended }, `The session has ended: ${endedLabel(ended)}`, endedLabel(ended))
  if (rejected) return marked({ kind: 'rejected', rejected }, 'The app rejects its token')
  if (isReplaced) return { ...marked({ kind: 'replaced by DevTools' }, 'A session that DevTools created in this browser has replaced its cookie'), isAlarm: false }
  if (overwritten?.kind === 'app') return marked({ kind: 'overwritten', overwritten }, 'The app itself has deleted its cookie or set another one', 'cookie removed')
  if (overwritten) return marked({ kind: 'overwritten', overwritten }, `A parallel request has ${overwritten.kind === 'removal' ? 'removed' : 'replaced'} its cookie`)
  const expires = endOfCookie(session, now)
  if (expires !== undefined) return marked({ kind: 'cookie expired', expires }, 'Its browser does not send its cookie any more')
  if (isLost) return marked({ kind: 'cookie lost' }, 'This browser does not send its cookie any more')
  if (cleared) return cleared.undoneBy
    ? marked({ kind: 'used after clear', cleared }, 'A parallel request has set its cookie again', 'clear() overwritten')
    : marked({ kind: 'used after clear', cleared }, 'A copy of its cookie was sent after clear()', 'used after clear()')
  if (undelivered) return marked({ kind: 'did not arrive', undelivered }, 'The response with its cookie did not arrive')
  if (unreturned !== undefined) return marked({ kind: 'never came back', unreturned }, 'The next request of its browser did not send its cookie')
  return undefined
}

function marked(fact: Fact, title: string, label: string = fact.kind): Mark {
  return { ...fact, title, label, isAlarm: true }
}

/** When the browser's cookie ended, if that is over, but not the session, and nobody has sent a copy since. */
function endOfCookie({ cookie, lastUsedAt, expiresAt = Infinity, isLost, unreturned, undelivered, origin }: PanelSession, now: number): number | undefined {
  const { expires = Infinity } = cookie?.attributes ?? {}
  // An imported session is shown as it was.
  if (origin === 'file' || expires > now || expiresAt <= now || isSameTime(expires, expiresAt)) return undefined
  // The browser counts a Max-Age from the response's arrival, so it may have sent the cookie a little later.
  return (isLost || lastUsedAt < expires) && unreturned === undefined && undelivered === undefined ? expires : undefined
}
