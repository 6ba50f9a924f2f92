import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { LastSession } from './last-sessions'
import { dateOf } from './explain'
import { describeOverwrite, isRemoval } from './explain-overwritten'
import { describeUndelivered } from './explain-undelivered'
import type { RecordedSession } from './inspected'
import { requestLabel } from './request-label'
import { clearLabel } from './revocation'
import { describeUnknownName } from './unknown-name'

/**
 * What was recorded before a denied request. `last`: the last session of its browser, whose cookie it lacks, and `session`:
 * the same, if it is still listed. `renewed`: the session with its new id. `isSeen`: whether a session of its name was seen.
 * `lastUser`: what became of the browser's last session with a user, in a sentence, if the request sent one without.
 */
export interface Denied { last: LastSession | undefined, session: RecordedSession | undefined, renewed?: RecordedSession, isSeen: boolean, lastUser?: string }

/**
 * Explains why a request was denied: the app's own message, and why the request came without a session. `hasReturned`: a
 * later request has sent the cookie.
 */
export function explainDenied({ explanation, name, transport, configured, at, startedAt = at }: ObservedMessage, { last, session, renewed, isSeen, lastUser }: Denied, hasReturned = false): string | undefined {
  const sentences = [explanation, last && explainLack(last, session, startedAt, hasReturned), lastUser]
  if (renewed?.overwritten && isRemoval(renewed.overwritten)) sentences.push(describeOverwrite(renewed.overwritten, renewed.user))
  if (transport === 'none' && !isSeen && configured && !configured.includes(name)) sentences.push(describeUnknownName(name, configured))
  return sentences.filter(Boolean).join(' ') || undefined
}

/** Why a browser has no cookie of its last session any more. */
function explainLack({ end, limit, setBy, sentBy }: LastSession, session: RecordedSession | undefined, now: number, hasReturned: boolean): string | undefined {
  if (session?.undelivered) return describeUndelivered(session.undelivered, session.user)
  if (end !== undefined && end <= now) return `Its cookie expired at ${dateOf(end)}${limit === undefined ? '' : `, at the end of ${limit}`}, so the browser no longer sent it.`
  if (!session) return undefined
  const { user, ended, cleared, overwritten } = session
  if (overwritten && isRemoval(overwritten)) return describeOverwrite(overwritten, user)
  const last = `browser's last session${user === undefined ? '' : ` (${user})`}`
  // A copy of the cookie may have been used since.
  if (cleared && (ended === 'cleared' || (ended === undefined && !cleared.undoneBy && !sentBy))) return `The ${last} was cleared by ${clearLabel(cleared)} ${spanBefore(now - cleared.at)}.`
  if (!hasReturned && sentBy) return `The cookie of the ${last} was last sent by ${requestLabel(sentBy)}. Since then, the browser has lost it, or left it out: it was deleted, or its Path, Domain or SameSite does not fit this request.`
  if (!hasReturned) return `The cookie of the ${last}${setBy ? ` was set by ${requestLabel(setBy)} and` : ''} did not come back.`
  return `A later request sent the cookie of the ${last}${setBy ? `, set by ${requestLabel(setBy)}` : ''}: the browser sent this one before it had stored the cookie, or left it out because of the cookie's SameSite or Path.`
}

/** In one unit, rounded: `just before`, `3 s before`, `12 min before`. */
function spanBefore(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 1) return 'just before'
  if (seconds < 120) return `${seconds} s before`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min before` : `${Math.round(seconds / 3600)} h before`
}
