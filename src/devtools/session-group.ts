import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { shorten } from '../runtime/server/devtools/shorten'
import type { RecordedSession } from './inspected'

/** The sessions that one call has ended together. */
export type SessionGroup = NonNullable<ObservedMessage['group']>

/** Whether a call that ended a group in a store has ended this session. */
export function isInGroup({ userId, except, name }: SessionGroup, storage: string | undefined, session: RecordedSession): boolean {
  if (session.storage !== storage || session.ended !== undefined || session.handle === except) return false
  return (userId === undefined || session.userId === userId) && (name === undefined || session.name === name)
}

/** The group in a sentence. */
export function describeGroup({ userId, except, name }: SessionGroup): string {
  if (userId !== undefined) return `All sessions of the user ${shorten(userId)}${except === undefined ? '' : ' except one'}.`
  return name === undefined ? 'All sessions of the store.' : `All sessions with the name "${name}".`
}
