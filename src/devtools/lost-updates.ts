import { createHash } from 'node:crypto'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { changedKeys } from './bodies'
import type { JsonObject, TimelineEvent, TimelineKind } from './protocol'
import type { Requests } from './requests'
import type { Write } from './sessions'

/**
 * The write of a cookie session after a message, or `undefined` if it is not known. A stored session is written by
 * compare-and-set, which loses no update.
 */
export function writeAfter(message: ObservedMessage, seq: number, kind: TimelineKind | undefined, last: Write | undefined): Write | undefined {
  const { request, session, storage, keeper } = message
  if (storage !== undefined || keeper === 'h3' || session?.isCut || session?.isLong) return undefined
  if (kind === 'load' || (!session && kind !== 'clear')) return last
  const hash = hashOf(session?.data ?? {})
  // A renewal is no event, but a hook may have written in it.
  return kind === undefined ? last && { ...last, hash } : { seq, request, hash }
}

/**
 * The earlier write that this one does not contain: its request had read the session before, in parallel. A request that
 * began after the earlier response was complete sent an older cookie, such as a copy of it.
 */
export function lostUpdate({ kind, request, at, startedAt = at, storage, keeper, before, session }: ObservedMessage, last: Write | undefined, requests: Requests): TimelineEvent['lost'] {
  if (!last || !before || before.isCut || before.isLong || (kind !== 'update' && kind !== 'regenerate')) return undefined
  if (storage !== undefined || keeper === 'h3' || last.request === request || last.hash === hashOf(before.data)) return undefined
  if (startedAt > requests.endOf(last.request)) return undefined
  const written = requests.dataOf(last.seq)
  if (!written) return { seq: last.seq, keys: [] }
  const overwritten = new Set(changedKeys(written.after, session?.data as JsonObject).map(nameOf))
  const keys = changedKeys(before.data as JsonObject, written.after).filter(change => overwritten.has(nameOf(change)))
  return keys.length > 0 ? { seq: last.seq, keys } : undefined
}

/** The key of a change, which begins with a sign. */
function nameOf(change: string): string {
  return change.slice(1)
}

function hashOf(data: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('base64url')
}
