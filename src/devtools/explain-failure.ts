import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { RecordedSession } from './inspected'
import { requestLabel } from './request-label'
import type { Requests } from './requests'
import { describeEnd } from './revocation'

/** The message of an error. That of a write whose session another request has ended, or given a new id, names the call. */
export function explainFailure({ reason, explanation }: ObservedMessage, session: RecordedSession | undefined, requests: Requests): string | undefined {
  if (reason !== 'SESSION_CONFLICT' || !session) return explanation
  const text = session.ended === 'regenerated' ? describeNewId(session, requests) : describeEnd(session)?.text
  return text === undefined ? explanation : `${explanation} ${text}`
}

/** The call is an event of the session with the new id. */
function describeNewId({ next }: RecordedSession, requests: Requests): string | undefined {
  const call = requests.all().findLast(({ events }) => events.some(({ kind, key }) => kind === 'regenerate' && key === next))
  return call && `It got a new id by ${requestLabel(call)}.`
}
