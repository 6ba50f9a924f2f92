import type { InspectedSession, StateResponse, TimelineEvent } from '../../../src/devtools/protocol'

export type Action = 'edit' | 'regenerate' | 'expire' | 'clear' | 'reveal'

type Server = Pick<StateResponse, 'names' | 'hasStore' | 'sessions'>

/** Why an action is not possible, in a sentence; nothing where it is. */
export function refusal(action: Action, session: InspectedSession, server: Server): string | undefined {
  if (action === 'reveal') return revealRefusal(session)
  if (session.ended) return 'This session has ended; create a new one with its data instead.'
  if (!server.names.includes(session.name)) return 'The app keeps this session with h3\'s useSession, under a name and password that this module does not know.'
  if (session.isCurrent) return undefined
  if (!server.hasStore) return 'The whole session lies in another browser\'s cookie, which only a response to that browser can change; keep sessions in a store to act on them from here.'
  return action === 'regenerate' ? 'A new id must reach the other browser with a response to it.' : undefined
}

function revealRefusal({ carrier, keeper }: InspectedSession): string | undefined {
  if (keeper === 'h3') return 'The app keeps this session with h3\'s useSession, with a password that this module does not know.'
  return carrier === 'none' ? 'No response has sent this session yet, so it has no seal to copy.' : undefined
}

/** Why this browser's session cannot go back to a point of the timeline. */
export function restoreRefusal(event: TimelineEvent, server: Server): string | undefined {
  if (!event.after) return 'Nothing was recorded here to go back to.'
  if (!server.names.includes(event.name)) return 'The app keeps this session with h3\'s useSession, under a name and password that this module does not know.'
  if (!currentSession(event.name, server)) return `This browser has no session named ${event.name}: open the app or create one first.`
  return undefined
}

/** This browser's session of a name. */
export function currentSession(name: string, server: Pick<StateResponse, 'sessions'>): InspectedSession | undefined {
  return server.sessions.find(session => session.isCurrent && session.name === name && !session.ended)
}
