import { SessionError } from '../model/errors'
import { TOMBSTONE_MS } from '../model/lifetimes'
import { attempt } from '../utils/maybe-promise'
import { compareAndSetOnce, putTombstoneOnce } from './atomic-write'
import type { AtomicWrite } from './atomic-write'
import type { StoreParts } from './backend'
import type { Deadline } from './deadline'
import { isOutdated } from './epochs'
import { isHandle } from './keys'
import { endLineage, lineageIn } from './lineage'
import { newestHandle } from './newest-id'
import { getEpoch, getSession, readSession, rejectEarlierEpoch, rejectOutdated } from './reading'
import { decode, encodeRecord, encodeTombstone, isAlive, isEnded } from './record'
import type { Alive, DestroyOptions, DestroyOutcome, Found, RecordChange, RecordTimes, SessionRecord } from './store'

const TRIES = 10
const MAX_WAIT = 256
// Maximum number of tombstones per raise. The epoch alone revokes the other sessions.
const MAX_ENDED = 1000

export async function createRecord(parts: StoreParts, deadline: Deadline, handle: string, record: SessionRecord): Promise<void> {
  if (!isHandle(handle)) throw new TypeError('The key of a session must be the SHA-256 of its id, in hexadecimal.')
  const write = writeOf(parts, handle, record)
  const outcome = await compareAndSetOnce(parts, deadline, write, undefined, { handle, next: record })
  if ('before' in outcome) return
  const found = decode(outcome.found)
  // An earlier try that timed out may have written this record.
  if (isAlive(found) && encodeRecord(found.record) === encodeRecord(record)) return
  if (isEnded(found)) throw conflict('a new session was ended while it was created, or its id had been used before')
  throw conflict('the key of a new session is taken. generateId() must return a new id at every call')
}

export async function updateRecord(parts: StoreParts, deadline: Deadline, handle: string, change: RecordChange, known?: Alive): Promise<Found> {
  const { context } = parts
  let latest = known
  for (let lost = 0; lost < TRIES; lost++) {
    // The first retry does not wait: the first try may have failed only because `known` was outdated.
    if (lost > 1) await deadline.wait(context.env.random() * Math.min(2 ** lost, MAX_WAIT))
    const found = await getWritable(parts, deadline, handle, lost > 1 ? undefined : latest)
    if (!isAlive(found)) return found
    const record = await deadline.pauseDuring(() => change(found.record))
    if (record === found.record) return found
    const write = writeOf(parts, handle, record, found)
    const outcome = await compareAndSetOnce(parts, deadline, write, found.version as string, { handle, next: record, before: found.record })
    if ('found' in outcome) {
      deadline.renew()
      const changed = decode(outcome.found)
      latest = isAlive(changed) ? changed : undefined
      continue
    }
    const previous = found.record.userId
    if (previous !== undefined && previous !== record.userId) await removeEntry(parts, deadline, handle, previous)
    return { record, version: write.text }
  }
  throw conflict(`an update failed ${TRIES} times because of concurrent writes of the same session`)
}

export async function touchRecord(parts: StoreParts, deadline: Deadline, handle: string, times: RecordTimes, known?: Alive): Promise<Found> {
  const { backend, keys } = parts
  const moveTimes = (record: SessionRecord) => record.lastSeenAt > times.lastSeenAt ? record : { ...record, ...times }
  const found = await getWritable(parts, deadline, handle, known)
  if (!isAlive(found) || found.record.lastSeenAt > times.lastSeenAt) return found
  if (backend.touch === undefined) return updateRecord(parts, deadline, handle, moveTimes, found)
  const touched = decode(await backend.touch(deadline, keys.session(handle), times, { handle, next: { ...found.record, ...times }, before: found.record }))
  const isUnchanged = isAlive(touched) && touched.record.lastSeenAt < times.lastSeenAt
  return isUnchanged ? updateRecord(parts, deadline, handle, moveTimes, touched) : touched
}

export async function endRecord(parts: StoreParts, deadline: Deadline, handle: string, options: DestroyOptions): Promise<DestroyOutcome> {
  const { known, reason, until, ends = reason === 'revoked' ? 'session' : 'id' } = options
  if (known && isEnded(await rejectOutdated(parts, deadline, handle, known))) return 'dead'
  const isStrong = parts.consistency === 'strong'
  const before = isStrong ? undefined : known ?? await readSession(parts, deadline, handle)
  const lineage = isStrong ? undefined : lineageIn(before, options.lineage ?? handle)
  // A login that replaced the id has this lineage too. Before the tombstone, because a call that fails in between can then
  // be repeated.
  const isReplaced = isEnded(before) && before.dead === 'superseded'
  if (lineage !== undefined && ends === 'session' && !isReplaced) await endLineage(parts, deadline, lineage, reason)
  const outcome = await putTombstone(parts, deadline, handle, { ...options, lineage })
  if ('found' in outcome) {
    if (!isEnded(outcome.found)) return 'changed'
    const { successor } = outcome.found
    if (ends === 'id' || successor === undefined) return 'dead'
    // A parallel request gave the session a new id.
    const newest = await newestHandle(parts, deadline, successor)
    return await endRecord(parts, deadline, newest, { reason, until, ends, lineage }) === 'dead' ? 'dead' : 'successor'
  }
  if (known || !isAlive(outcome.before)) return 'destroyed'
  // An epoch may have revoked the session before. Failing is harmless: the session has ended by now.
  const checked = await attempt(rejectEarlierEpoch, parts, deadline, handle, outcome.before).catch(() => undefined)
  return isEnded(checked) ? 'dead' : 'destroyed'
}

/** Replaces revoked records of the user by tombstones, which saves memory and keeps the count exact. */
export async function endOutdated(parts: StoreParts, deadline: Deadline, userId: string): Promise<void> {
  const { handles } = await parts.backend.page(deadline, userId, undefined, MAX_ENDED)
  const epoch = await getEpoch(parts, deadline, userId)
  const until = parts.context.env.now() + TOMBSTONE_MS
  const except = epoch.rest.find(isHandle)
  const kept = except === undefined || parts.consistency === 'strong' ? undefined : lineageIn(await readSession(parts, deadline, except), except)
  await Promise.all(handles.map(async (handle) => {
    const known = await readSession(parts, deadline, handle)
    if (!isAlive(known) || known.record.userId !== userId || !isOutdated(known.record, handle, epoch)) return
    const lineage = lineageIn(known, handle)
    await putTombstone(parts, deadline, handle, { reason: 'revoked', until, known, lineage })
    if (lineage !== kept) await endLineage(parts, deadline, lineage, 'revoked')
  }))
}

/** Ends this id only. */
export async function putTombstone(
  parts: StoreParts, deadline: Deadline, handle: string, { known, userId = known?.record.userId, reason, until, successor, lineage }: DestroyOptions,
): Promise<{ before: Found } | { found: Found }> {
  const { id } = parts.writeIds.next(known?.version)
  const text = encodeTombstone({ reason, until, successor, lineage: lineage === handle ? undefined : lineage }, id)
  const write = { id, key: parts.keys.session(handle), text, until }
  const outcome = await putTombstoneOnce(parts, deadline, write, known?.version as string | undefined, { handle, userId })
  if ('found' in outcome) return { found: decode(outcome.found) }
  const before = known ?? decode(outcome.before)
  const users = new Set([userId, isAlive(before) ? before.record.userId : undefined])
  if (parts.backend.removesEntries) users.delete(userId)
  for (const user of users) if (user !== undefined) await removeEntry(parts, deadline, handle, user)
  return { before }
}

/** The write itself has succeeded. An entry that stays does not count as a session. */
function removeEntry({ backend }: StoreParts, deadline: Deadline, handle: string, userId: string): Promise<void> {
  return attempt(() => backend.removeEntry(deadline, handle, userId)).catch(() => undefined)
}

/** Returns `undefined` for an expired record. Reads again if `known` is no longer valid: it may have been renewed since. */
async function getWritable(parts: StoreParts, deadline: Deadline, handle: string, known?: Alive): Promise<Found> {
  const checked = known && await rejectOutdated(parts, deadline, handle, known)
  if (isAlive(checked) && !isExpired(parts, checked)) return checked
  const found = await getSession(parts, deadline, handle)
  return isAlive(found) && isExpired(parts, found) ? undefined : found
}

/** The write of a record over `before`. */
function writeOf({ backend, keys, writeIds }: StoreParts, handle: string, record: SessionRecord, before?: Alive): AtomicWrite {
  const { id, writes } = writeIds.next(before?.version)
  const json = encodeRecord(record, writes)
  return { id, key: keys.session(handle), text: backend.encode?.(json) ?? json, until: record.expiresAt }
}

function isExpired({ context }: StoreParts, { record }: Alive): boolean {
  return record.expiresAt <= context.env.now()
}

function conflict(what: string): SessionError {
  return new SessionError('SESSION_CONFLICT', `${what}. Nothing was written.`)
}
