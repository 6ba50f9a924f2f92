import { REVOCATION_MS } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { BackendValue, StoreParts } from './backend'
import type { Deadline } from './deadline'
import { isHandle } from './keys'
import { hasEndedLineage } from './lineage'
import { decode, isAlive, isNothing } from './record'
import type { Alive, Found, SessionRecord } from './store'

/**
 * An epoch revokes sessions at once: all of a user, or all of the app. It is never lower than the time of its raise, so
 * the next one is higher even if the store loses the item (expiry, eviction, an old backup).
 */
interface EpochValue {
  /** The sessions of an earlier epoch are revoked. */
  number: number
  /**
   * Of a user: the handle of the session that the last raise did not revoke; `-` and the start of the handle for each
   * session that `maxUserSessions` ended, at least until it has a tombstone, and the time of the last one. Of the app: for a
   * session name, `name:number`.
   */
  rest: readonly string[]
}

export interface Epoch extends EpochValue {
  /** As stored. */
  text?: string
}

export function getEpoch({ backend, keys }: StoreParts, deadline: Deadline, userId: string): MaybePromise<Epoch> {
  return andThen(backend.get(deadline, keys.epoch(userId)), parseEpoch)
}

export function getAppEpoch({ backend, keys }: StoreParts, deadline: Deadline): MaybePromise<Epoch> {
  return andThen(backend.getAll(deadline, [keys.appEpoch]), ([found]) => parseEpoch(found))
}

/**
 * Changes an epoch atomically: `next` returns the state that it read and the value to write, until no other call has
 * changed it meanwhile. Returns the text that was written.
 */
export async function changeEpoch(
  parts: StoreParts, deadline: Deadline, key: string, next: () => Promise<{ before: Epoch, value: EpochValue } | undefined>,
): Promise<string | undefined> {
  const { backend, context: { env } } = parts
  for (let failures = 0; ;) {
    try {
      const change = await next()
      if (change === undefined) return undefined
      const { before, value: { number, rest } } = change
      const text = rest.length === 0 ? `${number}` : `"${[number, ...rest].join(' ')}"`
      const outcome = await backend.compareAndSet(deadline, key, before.text, epochValue(parts, text))
      if ('before' in outcome) return text
      failures = 0
      await deadline.wait(env.random() * 10)
    }
    catch (error) {
      // It may have been written, or was sent twice. A second change is harmless.
      if (deadline.hasPassed || ++failures > 1) throw error
    }
  }
}

/** One session of the user can be excepted, if it is alive at that moment. */
export async function raiseEpoch(parts: StoreParts, deadline: Deadline, userId: string, exceptIfAlive: string | undefined): Promise<{ number: number, except?: string }> {
  let raised: { number: number, except?: string } = { number: 0 }
  await changeEpoch(parts, deadline, parts.keys.epoch(userId), async () => {
    const before = await getEpoch(parts, deadline, userId)
    const except = exceptIfAlive !== undefined && await isLive(parts, deadline, exceptIfAlive, userId, before) ? exceptIfAlive : undefined
    raised = { number: after(parts, before.number), except }
    return { before, value: { number: raised.number, rest: except === undefined ? [] : [except] } }
  })
  return raised
}

/** Revokes all sessions of the app, or those of a name. */
export async function raiseAppEpoch(parts: StoreParts, deadline: Deadline, name: string | undefined): Promise<void> {
  const { backend, keys } = parts
  const text = await changeEpoch(parts, deadline, keys.appEpoch, async () => {
    const before = parseEpoch(await backend.get(deadline, keys.appEpoch))
    const number = after(parts, latestIn(before))
    if (name === undefined) return { before, value: { number, rest: [] } }
    const others = before.rest.filter(entry => !isOfName(entry, name))
    return { before, value: { number: before.number, rest: [...others, `${name}:${number}`] } }
  })
  if (text === undefined) return
  const latest = latestIn(parseEpoch(text))
  await backend.copyAppEpoch?.(deadline, epochValue(parts, text), found => latestIn(parseEpoch(found)) < latest)
}

function epochValue({ context: { env } }: StoreParts, text: string): BackendValue {
  return { text, until: endOfEpoch(text) ?? env.now(), isEnding: true }
}

/** A time that is higher than an epoch. */
function after({ context: { env } }: StoreParts, epoch: number): number {
  return Math.max(epoch + 1, Math.trunc(env.now()))
}

/** The app's epoch for sessions of a name. */
export function appEpochOf({ number, rest }: Epoch, name: string | undefined): number {
  const own = name === undefined ? undefined : rest.find(entry => isOfName(entry, name))
  return own === undefined ? number : Math.max(number, Number(own.slice(own.lastIndexOf(':') + 1)) || 0)
}

function isOfName(entry: string, name: string): boolean {
  return entry.slice(0, entry.lastIndexOf(':')) === name
}

async function isLive(parts: StoreParts, deadline: Deadline, handle: string, userId: string, epoch: Epoch): Promise<boolean> {
  const found = await readSession(parts, deadline, handle)
  if (!isAlive(found) || found.record.expiresAt <= parts.context.env.now()) return false
  if (found.record.userId !== userId || isOutdated(found.record, handle, epoch)) return false
  return !await hasEndedLineage(parts, deadline, handle, found.record)
}

/** Reads a session without regard to epochs and its lineage. */
export function readSession({ backend, keys }: StoreParts, deadline: Deadline, handle: string): MaybePromise<Found> {
  return andThen(backend.get(deadline, keys.session(handle)), decode)
}

/**
 * Reads a session; it counts as revoked if the epoch of the app or of its user was raised since, or if its lineage has
 * ended. With the right `userId`, the session and its epochs are one read.
 */
export function getSession(parts: StoreParts, deadline: Deadline, handle: string, userId?: string): MaybePromise<Found> {
  const { backend, keys } = parts
  return andThen(backend.getAll(deadline, [keys.session(handle), ...epochKeys(parts, userId)]), ([raw, ...epochs]) => {
    const found = decode(raw)
    const checked = isAlive(found) ? checkEpochs(handle, found, epochs, userId) : found
    if (!isAlive(checked)) return checked
    if (checked.record.userId !== userId) return rejectOutdated(parts, deadline, handle, checked)
    if (parts.consistency === 'strong') return checked
    return andThen(hasEndedLineage(parts, deadline, handle, checked.record), hasEnded => hasEnded ? { dead: 'revoked' } : checked)
  })
}

/** Revokes a record of an earlier epoch or of an ended lineage. */
export function rejectOutdated(parts: StoreParts, deadline: Deadline, handle: string, found: Found): MaybePromise<Found> {
  if (!isAlive(found)) return found
  if (parts.consistency === 'strong') return rejectEarlierEpoch(parts, deadline, handle, found)
  const checks = [hasEndedLineage(parts, deadline, handle, found.record), rejectEarlierEpoch(parts, deadline, handle, found)] as const
  return Promise.all(checks).then(([hasEnded, checked]) => hasEnded ? { dead: 'revoked' } : checked)
}

/** Saves the read for a session without a user: if the app's epoch was raised, a write does not bring the record back. */
export function rejectEarlierEpoch(parts: StoreParts, deadline: Deadline, handle: string, found: Alive): MaybePromise<Found> {
  const { userId } = found.record
  if (userId === undefined) return found
  return andThen(parts.backend.getAll(deadline, epochKeys(parts, userId)), epochs => checkEpochs(handle, found, epochs, userId))
}

/** The keys whose values {@link checkEpochs} needs. */
export function epochKeys({ keys }: Pick<StoreParts, 'keys'>, userId: string | undefined): string[] {
  return userId === undefined ? [keys.appEpoch] : [keys.appEpoch, keys.epoch(userId)]
}

/** Checks the app's epoch, and the user's if the session is of this user. The excepted record gets the new epoch, which its replacements inherit. */
export function checkEpochs(handle: string, found: Alive, [ofApp, ofUser]: readonly unknown[], userId: string | undefined): Found {
  const { record } = found
  if (isRevokedByApp(record, parseEpoch(ofApp))) return { dead: 'revoked' }
  if (userId === undefined || record.userId !== userId) return found
  const epoch = parseEpoch(ofUser)
  if (isOutdated(record, handle, epoch)) return { dead: 'revoked' }
  const isUpToDate = (record.epoch ?? 0) >= epoch.number
  return isUpToDate ? found : { ...found, record: { ...record, epoch: epoch.number } }
}

/** Whether a value is a record that the app's epoch has revoked. */
export function isBeforeAppEpoch(value: unknown, epoch: Epoch): boolean {
  const found = decode(value)
  return isAlive(found) && isRevokedByApp(found.record, epoch)
}

function isRevokedByApp({ appEpoch = 0, name }: SessionRecord, epoch: Epoch): boolean {
  return appEpoch < appEpochOf(epoch, name)
}

/** A replacement of the excepted session that was created during the raise is excepted too, and one of an ended session has ended. */
export function isOutdated({ epoch = 0, replaces }: SessionRecord, handle: string, { number, rest }: Epoch): boolean {
  if (rest.length === 0) return epoch < number
  const starts = replaces === undefined ? [startOfHandle(handle)] : [startOfHandle(handle), replaces]
  if (starts.some(start => rest.includes(`-${start}`))) return true
  return epoch < number && !rest.includes(handle) && (replaces === undefined || !rest.some(entry => isHandle(entry) && entry.startsWith(replaces)))
}

/** The start of a handle, as a record contains it: 48 bits tell the sessions of one user apart. */
export function startOfHandle(handle: string): string {
  return handle.slice(0, 12)
}

/** Returns when a stored epoch may be removed; `undefined` if the value is no epoch. */
export function endOfEpoch(raw: unknown): number | undefined {
  const latest = latestIn(parseEpoch(raw))
  return latest === 0 ? undefined : latest + REVOCATION_MS
}

function latestIn({ number, rest }: Epoch): number {
  return Math.max(number, ...rest.map(entry => isHandle(entry) ? 0 : Number(entry.slice(entry.lastIndexOf(':') + 1)) || 0))
}

// `1763999999999`, or with more entries `"1763999999999 <entry> <entry>"`: JSON, for drivers that parse what they return.
export function parseEpoch(raw: unknown): Epoch {
  if (isNothing(raw)) return { number: 0, rest: [] }
  const text = typeof raw === 'object' || typeof raw === 'function' ? '' : String(raw)
  const [digits, ...rest] = text.replaceAll('"', '').split(' ')
  return { number: Number(digits) || 0, rest, text }
}
