import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { isCut } from './bodies'
import type { RecordedSession } from './inspected'
import { MAX_WRITTEN_KEYS } from './protocol'
import type { KeyWrite, TimelineEvent } from './protocol'
import { isChange } from './kinds'

const MAX_SEALED = 2000

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
  return [...before.filter(({ key }) => !changed.has(key)), ...written].slice(-MAX_WRITTEN_KEYS)
}

/** The last writers of the keys in each seal of a cookie session: a request may send an older seal than the last one. */
export class SealWriters {
  /** By the seal's hash. */
  readonly #sealed = new BoundedCache<string, KeyWrite[]>({ maxEntries: MAX_SEALED })

  /** Notes the seal that a message's response has set. */
  seal({ tokenHash, transport, storage }: ObservedMessage, writers: KeyWrite[]): void {
    // A header's hash is that of the seal that was sent.
    if (tokenHash !== undefined && storage === undefined && transport !== 'header') this.#sealed.set(tokenHash, writers)
  }

  /** The writers in the seal that a request sent, none if they are not known; `undefined` if they are those of the session. */
  sentBy(message: ObservedMessage, { writers }: Pick<RecordedSession, 'writers'>, hasSameData: boolean): KeyWrite[] | undefined {
    const { kind, tokenHash, transport, storage, keeper } = message
    if (writers === undefined || tokenHash === undefined || storage !== undefined || transport !== 'cookie' || keeper === 'h3') return undefined
    if (kind !== 'load' && kind !== 'renew') return undefined
    const sealed = this.#sealed.get(tokenHash)
    if (sealed) return sealed === writers ? undefined : sealed
    // A renewal seals the same data again.
    if (!hasSameData) return []
    this.seal(message, writers)
    return undefined
  }
}
