import { encodeRecord, isAlive } from '../../core/store/record'
import type { Found, SessionRecord, SessionStore } from '../../core/store/store'
import { reasonOf } from '../../core/session/persistence/stored-session'
import { copyOf } from './copy'
import { MAX_LISTED } from './messages'
import type { EndedSession, StoredSession, StoreReport } from './messages'

/** Lists the store's first sessions, and looks up those of the given handles that the list lacks. */
export async function readStore(store: SessionStore, handles: readonly string[], now: number): Promise<Omit<StoreReport, 'storage'>> {
  const { entries, cursor } = await store.list({ limit: MAX_LISTED })
  const sessions = entries.map(({ key, record }) => describeRecord(key, record))
  const listed = new Set(entries.map(({ key }) => key))
  const ended: EndedSession[] = []
  await Promise.all(handles.filter(handle => !listed.has(handle)).slice(0, MAX_LISTED).map(async (handle) => {
    const found = await store.get(handle)
    const reason = endReason(found, now)
    if (reason !== undefined) ended.push({ handle, reason })
    else if (isAlive(found)) sessions.push(describeRecord(handle, found.record))
  }))
  return { sessions, ended, hasMore: cursor !== undefined }
}

/** Size of a record in its store, in bytes. */
export function recordBytes(record: SessionRecord): number {
  return new TextEncoder().encode(encodeRecord(record)).length
}

function describeRecord(handle: string, record: SessionRecord): StoredSession {
  const { v, name, expiresAt, ...session } = record
  return { handle, name, session: copyOf(session), expiresAt, bytes: recordBytes(record) }
}

function endReason(found: Found, now: number): EndedSession['reason'] | undefined {
  if (found === undefined) return 'gone'
  if (isAlive(found)) return found.record.expiresAt <= now ? 'expired' : undefined
  return reasonOf(found) as EndedSession['reason']
}
