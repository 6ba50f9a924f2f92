import { describeExpiry } from './explain'
import { describeOverwrite } from './explain-overwritten'
import { describeUndelivered } from './explain-undelivered'
import type { RecordedSession } from './inspected'
import { describeEnd } from './revocation'

/**
 * What became of a browser's last session with a user, if its request came with a session without one. `rejected`: why the
 * token of the former was rejected.
 */
export function describeLastUser(last: RecordedSession, { at, createdAt, rejected }: { at: number, createdAt: number, rejected?: string }): string | undefined {
  const cause = causeOf(last, at) ?? rejected
  if (cause !== undefined) return `The browser's last session with a user was that of ${last.user}. ${cause}`
  // Else another window of the same browser may still use it.
  if (last.ended !== undefined || last.lastUsedAt >= createdAt) return undefined
  return `The browser's last session with a user was that of ${last.user}. The browser has lost its cookie since, or left it out: it was deleted or replaced, or its Path, Domain or SameSite does not fit.`
}

function causeOf(last: RecordedSession, at: number): string | undefined {
  if (last.overwritten) return describeOverwrite(last.overwritten)
  if (last.undelivered) return describeUndelivered(last.undelivered)
  return (describeEnd(last) ?? describeExpiry(last, at))?.text
}
