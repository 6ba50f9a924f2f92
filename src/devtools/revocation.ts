import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { shorten } from '../runtime/server/devtools/shorten'
import type { Clear, InspectedSession, Revocation } from './protocol'
import { requestLabel } from './request-label'
import type { SessionGroup } from './session-group'

export const CLEAR_FIX = 'If the visitor should stay logged in, do not call clear() there.'
const CLIENT_CLEAR_FIX = 'If the visitor should stay logged in, do not call it in the page.'

/** What keeps a session from such an end. Only `revokeUserSessions` can except one. */
const FIXES: Record<Revocation['by'], string> = {
  revokeSession: 'If this session should stay, do not revoke it there.',
  revokeUserSessions: 'If this session should stay, pass it as "except".',
  revokeAllSessions: 'It ends the sessions of all users. For those of one user, call revokeUserSessions(userId).',
  maxUserSessions: 'For more sessions of a user at once, raise maxUserSessions.',
  DevTools: '',
}

/** The call or option of a message that revokes a session, and the code that made the call. */
export function revocationOf({ at, method, path, group, maxUserSessions }: ObservedMessage, source: string | undefined): Revocation {
  const request = { at, method, path, source }
  if (maxUserSessions !== undefined) return { ...request, by: 'maxUserSessions', call: `maxUserSessions (${maxUserSessions})` }
  if (method === 'DevTools') return { ...request, by: 'DevTools', call: 'DevTools' }
  return { ...request, ...group ? callOf(group) : { by: 'revokeSession', call: 'revokeSession()' } }
}

/** By which call or option a session was revoked, and what to do about it. */
export function describeRevocation({ by, call, source, ...request }: Revocation): { text: string, fix: string } {
  const fix = FIXES[by]
  if (by === 'DevTools') return { text: 'It was ended by DevTools.', fix }
  if (by === 'maxUserSessions') return { text: `It was ended by ${call}: the login ${requestLabel(request)} of its user went above it, and this was the oldest session.`, fix }
  if (request.method !== '') return { text: `It was ended by ${call} in ${requestLabel(request)}.`, fix }
  const place = source === undefined ? '' : ` at ${source}`
  return { text: `It was ended by ${call}, a call without an event${place}.`, fix: `${fix} With the option "event", the request of the call is shown here.` }
}

/** By which call a session was ended, if that was recorded. */
export function describeEnd({ ended, revoked, cleared }: Pick<InspectedSession, 'ended' | 'revoked' | 'cleared'>): { text: string, fix: string } | undefined {
  if (ended === 'revoked' && revoked) return describeRevocation(revoked)
  return ended === 'cleared' && cleared ? describeClear(cleared) : undefined
}

export function describeClear(cleared: Clear): { text: string, fix: string } {
  return { text: `It was cleared by ${clearLabel(cleared)}.`, fix: cleared.isClientCall ? CLIENT_CLEAR_FIX : CLEAR_FIX }
}

/** The request that called clear(), or the call in the browser that sent the request. */
export function clearLabel(cleared: Clear): string {
  return cleared.isClientCall ? `useClientSession().clear() in the browser (${requestLabel(cleared)})` : requestLabel(cleared)
}

function callOf({ userId, except, name }: SessionGroup): Pick<Revocation, 'by' | 'call'> {
  if (userId !== undefined) return { by: 'revokeUserSessions', call: `revokeUserSessions("${shorten(userId)}"${except === undefined ? '' : ', { except }'})` }
  return { by: 'revokeAllSessions', call: name === undefined ? 'revokeAllSessions()' : `revokeAllSessions({ name: "${name}" })` }
}
