import type { JsonObject, TimelineEvent } from '../../../src/devtools/protocol'
import { hasNoCookie } from './created'
import type { PanelSession, PanelState } from './state'

export type Action = 'edit' | 'regenerate' | 'expire' | 'clear' | 'revoke' | 'reveal'

type Server = Pick<PanelState, 'names' | 'sessions' | 'limits'>

/** Explains why an action is disabled. Returns `undefined` if it is possible. */
export function disabledReason(action: Action, session: PanelSession, server: Server): string | undefined {
  if (session.origin === 'earlier' && session.rejected) return REJECTED
  if (session.origin === 'earlier' && session.ended) return ENDED
  if (session.origin) return NOT_OF_THIS_SERVER[session.origin]
  if (action === 'reveal') return revealDisabledReason(session, server)
  if (session.ended) return ENDED
  if (action === 'edit' && session.isCut) return TOO_LARGE
  if (session.storage !== undefined && !session.isCurrent) return NEEDS_OTHER_BROWSER[action]
  if (session.storage === undefined && action === 'revoke') return 'A cookie session cannot be revoked. Keep sessions in a store to revoke them.'
  if (action === 'revoke') return undefined
  return unknownNameReason(session, server) ?? (session.isCurrent ? undefined : notSentReason(session))
}

const NOT_OF_THIS_SERVER = {
  earlier: 'This session was seen before the server was restarted. It can be changed after its next request.',
  file: 'This session is imported from a file, so it can only be read.',
}
const ENDED = 'This session has ended. Create a new session with its data instead.'
const REJECTED = 'The app rejects the token of this session. Create a new session with its data instead.'
const TOO_LARGE = 'The data is too large to edit here.'
const MANAGED_BY_H3 = 'The app manages this session with h3\'s own useSession. This module does not have its name and password.'
const OPTIONS_UNKNOWN = 'Only a call of the app has the options of this session. It can be changed after its next request.'

/** Actions on a stored session, whose cookie this browser does not send, that need a response to its own browser. */
const NEEDS_OTHER_BROWSER: Partial<Record<Action, string>> = {
  regenerate: 'Only a response to the browser with its cookie can give it a new id.',
  clear: 'Only a response to the browser with its cookie can remove the cookie. Revoke the session instead.',
}

function unknownNameReason({ name, keeper }: Pick<PanelSession, 'name' | 'keeper'>, { names }: Pick<Server, 'names'>): string | undefined {
  if (names.includes(name)) return undefined
  return keeper === 'h3' ? MANAGED_BY_H3 : OPTIONS_UNKNOWN
}

/** Why no response to the panel can change a cookie session. It may still be a session of this browser. */
function notSentReason({ transport, isLost, cookie }: PanelSession): string {
  if (transport === 'header') return 'This session is sent in a header. Only a response to a request with that header can change it.'
  if (transport === 'none') return 'No response has sent this session yet, so no browser has it.'
  if (isLost) return 'This browser does not send its cookie any more, so no response can change it here.'
  const path = cookie?.attributes.path ?? '/'
  if (path !== '/') return `Browsers send its cookie only to paths below ${path}, not to DevTools. Only a response there can change it.`
  return 'This browser does not send its cookie to DevTools. Only a response to the browser with the cookie can change it. Keep sessions in a store to change them from here.'
}

function revealDisabledReason({ id, name, transport, keeper, storage, isCut }: PanelSession, server: Server): string | undefined {
  if (id === undefined) return 'No request has used this session since the development server started. Its store contains only the hash of its id, from which no seal can be made.'
  if (isCut && storage === undefined) return 'The data is too large to seal here.'
  if (keeper === 'h3') return 'The app manages this session with h3\'s own useSession. This module does not have its password.'
  return transport === 'none' && !hasNoCookie(name, server) ? 'No response has sent this session yet, so it has no seal to copy.' : undefined
}

/** Explains why an event's data cannot be restored in this browser's session. Returns `undefined` if it can. */
export function restoreDisabledReason(event: TimelineEvent, after: JsonObject | undefined, server: Server): string | undefined {
  if (!event.hasData) return 'The data of this event is too large, or no longer kept.'
  if (!after) return 'This event has no data to restore.'
  const reason = unknownNameReason(event, server)
  if (reason !== undefined) return reason
  if (!currentSession(event.name, server)) return `This browser has no session named ${event.name}. Open the app or create one first.`
  return undefined
}

/** Finds this browser's session with a name. */
export function currentSession(name: string, server: Pick<PanelState, 'sessions'>): PanelSession | undefined {
  return server.sessions.find(session => session.isCurrent && session.name === name && !session.ended)
}
