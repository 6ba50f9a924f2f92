import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { isCut } from './bodies'
import type { RecordedSession } from './inspected'
import type { KeyWrite, TimelineEvent } from './protocol'
import { isChange } from './kinds'

/** The keys of one session. */
const MAX_KEYS = 100

/**
 * The last write of each key of a session after a message's event, the oldest first; `undefined` if it wrote nothing.
 * `before`: the session, as it was before. They are not known if its data is too large to be compared.
 */
export function writersAfterEvent(
  message: ObservedMessage, { kind, at, changes }: Pick<TimelineEvent, 'kind' | 'at' | 'changes'>, before: Pick<RecordedSession, 'writers'> | undefined, source: string | undefined,
): KeyWrite[] | undefined {
  if (!isChange(kind) || !message.session) return undefined
  const { method, path } = message
  return isCut(message) ? [] : writersAfter(before?.writers, changes, { at, method, path, source })
}

/** The last write of each key after another write. The oldest come first. `changes`: the changed keys with a sign. */
export function writersAfter(before: readonly KeyWrite[] = [], changes: readonly string[], write: Omit<KeyWrite, 'key'>): KeyWrite[] {
  const changed = new Set(changes.map(change => change.slice(1)))
  const written = changes.filter(change => !change.startsWith('−')).map(change => ({ key: change.slice(1), ...write }))
  return [...before.filter(({ key }) => !changed.has(key)), ...written].slice(-MAX_KEYS)
}
