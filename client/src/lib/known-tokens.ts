import { OTHER_PASSWORD, PASSWORD_CHANGED } from '../../../src/devtools/explain'
import type { InspectedRequest, InspectedSession, TimelineEvent, UnsealResult } from '../../../src/devtools/protocol'
import type { PanelSession, Rejected } from './state'

/** Reasons that concern one request only: the next one may be accepted. */
const OF_ONE_REQUEST = ['unproven', 'overloaded']

/** Names the session and the user of a rejected token that this page has seen before the server was restarted. */
export function nameTokens(request: InspectedRequest, sessions: Iterable<InspectedSession>): InspectedRequest {
  if (!request.events.some(isUnknown)) return request
  const bySeal = new Map(Array.from(sessions).flatMap(session => (session.seals ?? []).map(seal => [`${session.name} ${seal}`, session] as const)))
  return { ...request, events: request.events.map((event) => {
    const session = isUnknown(event) ? bySeal.get(`${event.name} ${event.token}`) : undefined
    return session ? { ...event, key: session.key, id: session.id, user: session.user, explanation: explainKnown(event.explanation) } : event
  }) }
}

/** The session of an unsealed token, if this page has seen it, also before the server was restarted. */
export function sessionOfToken({ handle, seal }: Pick<UnsealResult, 'handle' | 'seal'>, sessions: readonly PanelSession[]): PanelSession | undefined {
  const seen = sessions.filter(({ origin }) => origin !== 'file')
  return seen.find(session => session.handle === handle) ?? seen.find(({ seals }) => seals?.includes(seal))
}

/** The last rejects of tokens that this run of the server has not accepted before, by the session that they name. */
export function rejectedTokens(requests: readonly InspectedRequest[]): ReadonlyMap<string, Rejected> {
  return new Map(requests.flatMap(({ method, path, events }) => events.flatMap(({ kind, key, token, reason = '', at, explanation }) =>
    kind === 'reject' && key !== undefined && token !== undefined && !OF_ONE_REQUEST.includes(reason) ? [[key, { at, method, path, explanation }] as const] : [])))
}

/** Why a token is rejected that was accepted before. */
export function explainKnown(explanation: string | undefined): string | undefined {
  return explanation === OTHER_PASSWORD ? PASSWORD_CHANGED : explanation
}

function isUnknown({ kind, key, token }: TimelineEvent): boolean {
  return kind === 'reject' && key === undefined && token !== undefined
}
