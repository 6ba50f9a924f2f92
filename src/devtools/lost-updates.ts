import { createHash } from 'node:crypto'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { changedKeys } from './bodies'
import type { JsonObject, TimelineEvent, TimelineKind } from './protocol'
import type { Requests } from './requests'
import type { Write } from './sessions'

/** How soon a browser sends a request that has waited for a response, in milliseconds. */
const MAX_QUEUE_MS = 1000

/**
 * The write of a cookie session after a message, or `undefined` if it is not known. A stored session is written by
 * compare-and-set, which loses no update.
 */
export function writeAfter(message: ObservedMessage, seq: number, kind: TimelineKind | undefined, last: Write | undefined): Write | undefined {
  const { request, session, storage, keeper, client, method, path } = message
  if (storage !== undefined || keeper === 'h3' || session?.isCut || session?.isLong) return undefined
  if (kind === 'load' || (!session && kind !== 'clear')) return last
  const hash = hashOf(session?.data ?? {})
  // A renewal is no event, but a hook may have written in it.
  return kind === undefined ? last && { ...last, hash } : { seq, request, hash, client, method, path }
}

/**
 * The earlier write that this one does not contain: its request had read the session before, in parallel. Any other
 * request with an older cookie has sent a copy of it.
 */
export function lostUpdate(message: ObservedMessage, last: Write | undefined, requests: Requests): Pick<TimelineEvent, 'lost' | 'sameChange'> {
  const { kind, request, storage, keeper, before, session } = message
  if (!last || !before || before.isCut || before.isLong || (kind !== 'update' && kind !== 'regenerate')) return {}
  if (storage !== undefined || keeper === 'h3' || last.request === request || last.hash === hashOf(before.data)) return {}
  if ([request, last.request].some(each => requests.isAbandoned(each)) || !isParallel(message, last, requests)) return {}
  const { seq } = last
  const written = requests.dataOf(seq)
  if (!written) return { lost: { seq, keys: [] } }
  const overwritten = new Set(changedKeys(written.after, session?.data as JsonObject).map(nameOf))
  const changed = changedKeys(before.data as JsonObject, written.after)
  const keys = changed.filter(change => overwritten.has(nameOf(change)))
  const unread = new Set(changedKeys(before.data as JsonObject, written.before).map(nameOf))
  const same = changed.map(nameOf).filter(key => !overwritten.has(key) && !unread.has(key) && typeof written.after?.[key] === 'number')
  return {
    lost: keys.length > 0 ? { seq, keys } : undefined,
    sameChange: same.length > 0 ? { seq, keys: changed.filter(change => same.includes(nameOf(change))) } : undefined,
  }
}

/**
 * Whether a request began before the response to an earlier one was complete. Browsers send parallel GETs of the same URL
 * one after the other, each with the cookie from before the first (Chromium waits for its HTTP cache).
 */
export function isParallel({ at, startedAt = at, client, method, path }: ObservedMessage, earlier: Write, requests: Requests): boolean {
  const end = requests.endOf(earlier.request)
  if (startedAt <= end) return true
  const isSame = client !== undefined && client === earlier.client && method === 'GET' && earlier.method === 'GET' && path === earlier.path
  return isSame && startedAt - end <= MAX_QUEUE_MS
}

/** The key of a change, which begins with a sign. */
function nameOf(change: string): string {
  return change.slice(1)
}

function hashOf(data: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('base64url')
}
