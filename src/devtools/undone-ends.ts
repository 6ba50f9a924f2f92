import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { isParallel } from './lost-updates'
import type { InspectedSession } from './protocol'
import type { Requests } from './requests'
import type { SessionEntry } from './sessions'

/**
 * The write of a running request that sets the cookie of an ended session again. `cleared`: the clear() that it undoes.
 * `overwritten`: that it replaces the cookie of the session's new id.
 */
export function undoneEnd(message: ObservedMessage, entry: SessionEntry | undefined, requests: Requests): Pick<InspectedSession, 'cleared' | 'overwritten'> | undefined {
  const { at, method, path, attributes, session } = message
  if (attributes === undefined || !entry?.lastWrite || session?.id !== entry.session.id || !isParallel(message, entry.lastWrite, requests)) return undefined
  const { ended, cleared } = entry.session
  if (ended === 'cleared' && cleared) return { cleared: { ...cleared, undoneBy: { method, path } } }
  const { method: callMethod, path: callPath } = entry.lastWrite
  return ended === 'regenerated' ? { overwritten: { at, method, path, call: { method: callMethod, path: callPath } } } : undefined
}
