import type { InspectedSession, StateResponse, TimelineEvent } from '../../../src/devtools/protocol'

export type Action = 'edit' | 'regenerate' | 'expire' | 'clear' | 'revoke' | 'reveal'

type Server = Pick<StateResponse, 'names' | 'sessions'>

/** Why an action is not possible, in a sentence; nothing where it is. */
export function refusal(action: Action, session: InspectedSession, server: Server): string | undefined {
  if (action === 'reveal') return revealRefusal(session)
  if (session.ended) return 'This session has ended; create a new one with its data instead.'
  if (action === 'edit' && session.isCut) return TOO_LARGE
  if (session.storage !== undefined && !session.isCurrent) return REFUSED_ELSEWHERE[action]
  if (session.storage === undefined && action === 'revoke') return 'The whole session lies in its browser\'s cookie, where nothing can revoke it; keep sessions in a store to revoke them.'
  if (action === 'revoke') return undefined
  if (!server.names.includes(session.name)) return 'The app keeps this session with h3\'s useSession, under a name and password that this module does not know.'
  return session.isCurrent ? undefined : 'The whole session lies in another browser\'s cookie, which only a response to that browser can change; keep sessions in a store to act on them from here.'
}

const TOO_LARGE = 'Its data are too much to be edited here.'

/** What a stored session of another browser needs that browser for. */
const REFUSED_ELSEWHERE: Partial<Record<Action, string>> = {
  regenerate: 'A new id must reach the other browser with a response to it.',
  clear: 'Its cookie can be removed only by a response to the other browser; revoke the session instead.',
}

function revealRefusal({ id, carrier, keeper, storage, isCut }: InspectedSession): string | undefined {
  if (id === undefined) return 'No request has shown this session yet, and its store has only the hash of its id: who reads the store cannot be the session.'
  if (isCut && storage === undefined) return 'Its data are too much to be sealed here.'
  if (keeper === 'h3') return 'The app keeps this session with h3\'s useSession, with a password that this module does not know.'
  return carrier === 'none' ? 'No response has sent this session yet, so it has no seal to copy.' : undefined
}

/** Why this browser's session cannot go back to a point of the timeline. */
export function restoreRefusal(event: TimelineEvent, server: Server): string | undefined {
  if (event.isCut) return 'What it had then was too much to be recorded.'
  if (!event.after) return 'Nothing was recorded here to go back to.'
  if (!server.names.includes(event.name)) return 'The app keeps this session with h3\'s useSession, under a name and password that this module does not know.'
  if (!currentSession(event.name, server)) return `This browser has no session named ${event.name}: open the app or create one first.`
  return undefined
}

/** This browser's session of a name. */
export function currentSession(name: string, server: Pick<StateResponse, 'sessions'>): InspectedSession | undefined {
  return server.sessions.find(session => session.isCurrent && session.name === name && !session.ended)
}
