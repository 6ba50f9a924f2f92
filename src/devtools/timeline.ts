import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { changedKeys, contentIn, isCut } from './bodies'
import type { RecordedSession } from './inspected'
import { isChange } from './kinds'
import type { TimelineEvent, TimelineKind } from './protocol'
import type { Bodied } from './requests'
import { handleOf, keyOf } from './sessions'

/** Creates the event of a message, and which of the bodies to keep. `known`, `saved`: the session before and after it. */
export function toEvent(
  message: ObservedMessage, kind: TimelineKind, known: RecordedSession | undefined, saved: RecordedSession | undefined, { before, after }: Bodied,
): { event: Omit<TimelineEvent, 'seq' | 'sources' | 'lost' | 'sameChange'>, bodies: Bodied } {
  const { name, session, at, keeper, reason, explanation, sizes } = message
  const id = session?.id ?? message.before?.id ?? known?.id
  const handle = saved?.handle ?? handleOf(message, message.before)
  const hasChanged = isChange(kind)
  const isComparable = !isCut(message)
  const hasData = isComparable && (hasChanged || kind === 'load') && (before ?? after) !== undefined
  return {
    event: {
      at, kind, name, keeper, reason, explanation, sizes,
      ...handle !== '' || known ? { id, key: session || !known ? keyOf(name, handle) : known.key, user: saved?.user ?? known?.user } : undefined,
      ...kind === 'reject' && !known && { token: message.tokenHash },
      changes: hasChanged && isComparable ? changedKeys(contentIn(before), contentIn(after)) : [],
      hasData,
    },
    bodies: hasData ? { before: hasChanged ? before : undefined, after } : {},
  }
}

/**
 * Returns the kind of the timeline's event. A renewal is not shown, and a migration is shown as a new id.
 * h3's own functions report nothing, so their changes are found by comparing the data.
 */
export function kindOf(message: ObservedMessage, before: RecordedSession | undefined, recorded: string | undefined, body: string | undefined): TimelineKind | undefined {
  const { kind, keeper, session } = message
  if (kind === 'renew' || kind === 'absent' || kind === 'unused' || kind === 'remove') return undefined
  if (kind === 'update' && keeper === 'module' && message.before?.id !== undefined && message.before.id !== session?.id) return 'regenerate'
  if (keeper === 'module' || kind !== 'update') return kind
  return !before || recorded === body ? 'load' : 'update'
}
