import { REVOCATION_MS } from '../model/lifetimes'
import { isHandle } from './keys'
import { decode, isAlive, isNothing } from './record'
import type { SessionRecord } from './store'

/**
 * An epoch revokes sessions at once: all of a user, or all of the app. It is never lower than the time of its raise, so
 * the next one is higher even if the store loses the item (expiry, eviction, an old backup).
 */
export interface EpochValue {
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

// `1763999999999`, or with more entries `"1763999999999 <entry> <entry>"`: JSON, for drivers that parse what they return.
export function parseEpoch(raw: unknown): Epoch {
  if (isNothing(raw)) return { number: 0, rest: [] }
  const text = typeof raw === 'object' || typeof raw === 'function' ? '' : String(raw)
  const [digits, ...rest] = text.replaceAll('"', '').split(' ')
  return { number: Number(digits) || 0, rest, text }
}

/** The app's epoch for sessions of a name. */
export function appEpochOf({ number, rest }: Epoch, name: string | undefined): number {
  const own = name === undefined ? undefined : rest.find(entry => isOfName(entry, name))
  return own === undefined ? number : Math.max(number, Number(own.slice(own.lastIndexOf(':') + 1)) || 0)
}

export function isOfName(entry: string, name: string): boolean {
  return entry.slice(0, entry.lastIndexOf(':')) === name
}

/** Whether a value is a record that the app's epoch has revoked. */
export function isBeforeAppEpoch(value: unknown, epoch: Epoch): boolean {
  const found = decode(value)
  return isAlive(found) && isRevokedByApp(found.record, epoch)
}

export function isRevokedByApp({ appEpoch = 0, name }: SessionRecord, epoch: Epoch): boolean {
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

export function latestIn({ number, rest }: Epoch): number {
  return Math.max(number, ...rest.map(entry => isHandle(entry) ? 0 : Number(entry.slice(entry.lastIndexOf(':') + 1)) || 0))
}
