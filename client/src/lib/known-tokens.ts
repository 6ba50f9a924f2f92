import { OTHER_PASSWORD, PASSWORD_CHANGED } from '../../../src/devtools/explain'
import type { InspectedRequest, InspectedSession, TimelineEvent } from '../../../src/devtools/protocol'

/** Names the session and the user of a rejected token that this page has seen before the server was restarted. */
export function nameTokens(request: InspectedRequest, sessions: Iterable<InspectedSession>): InspectedRequest {
  if (!request.events.some(isUnknown)) return request
  const bySeal = new Map(Array.from(sessions).flatMap(session => (session.seals ?? []).map(seal => [`${session.name} ${seal}`, session] as const)))
  return { ...request, events: request.events.map((event) => {
    const session = isUnknown(event) ? bySeal.get(`${event.name} ${event.token}`) : undefined
    return session ? { ...event, key: session.key, id: session.id, user: session.user, explanation: event.explanation === OTHER_PASSWORD ? PASSWORD_CHANGED : event.explanation } : event
  }) }
}

function isUnknown({ kind, key, token }: TimelineEvent): boolean {
  return kind === 'reject' && key === undefined && token !== undefined
}
