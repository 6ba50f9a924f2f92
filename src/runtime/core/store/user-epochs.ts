import { REVOCATION_MS } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreParts } from './backend'
import type { Deadline } from './deadline'
import { hasEndedLineage } from './lineage'
import { decode, isAlive, isNothing } from './record'
import type { Alive, Found, SessionRecord } from './store'

/**
 * The epoch of a user, which revokes all sessions of the user at once. It is never lower than the time of its raise, so
 * the next one is higher even if the store loses the item (expiry, eviction, an old backup).
 */
interface Epoch {
  number: number
  /** The session that the last raise did not revoke. */
  except?: string
  /** As stored. */
  text?: string
}

export function getEpoch({ backend, keys }: StoreParts, deadline: Deadline, userId: string): MaybePromise<Epoch> {
  return andThen(backend.get(deadline, keys.epoch(userId)), parseEpoch)
}

/** One session of the user can be excepted, if it is alive at that moment. */
export async function raiseEpoch(parts: StoreParts, deadline: Deadline, userId: string, exceptIfAlive: string | undefined): Promise<Epoch> {
  const { backend, keys, context: { env } } = parts
  for (;;) {
    const before = await getEpoch(parts, deadline, userId)
    const except = exceptIfAlive !== undefined && await isLive(parts, deadline, exceptIfAlive, userId, before) ? exceptIfAlive : undefined
    const number = Math.max(before.number + 1, Math.trunc(env.now()))
    const text = except === undefined ? `${number}` : `"${number} ${except}"`
    // A command that was sent twice raises the epoch twice, which is harmless.
    const outcome = await backend.compareAndSet(deadline, keys.epoch(userId), before.text, { text, until: number + REVOCATION_MS, isEnding: true })
    if ('before' in outcome) return { number, except }
    await deadline.wait(env.random() * 10)
  }
}

async function isLive(parts: StoreParts, deadline: Deadline, handle: string, userId: string, epoch: Epoch): Promise<boolean> {
  const found = await readSession(parts, deadline, handle)
  if (!isAlive(found) || found.record.expiresAt <= parts.context.env.now()) return false
  if (found.record.userId !== userId || isOutdated(found.record, handle, epoch)) return false
  return !await hasEndedLineage(parts, deadline, handle, found.record)
}

/** Reads a session without regard to its user's epoch and its lineage. */
export function readSession({ backend, keys }: StoreParts, deadline: Deadline, handle: string): MaybePromise<Found> {
  return andThen(backend.get(deadline, keys.session(handle)), decode)
}

/**
 * Reads a session; it counts as revoked if its user's epoch was raised since, or if its lineage has ended. With the right
 * `userId`, the session and the epoch are one read.
 */
export function getSession(parts: StoreParts, deadline: Deadline, handle: string, userId?: string): MaybePromise<Found> {
  const { backend, keys } = parts
  if (userId !== undefined && backend.getBoth !== undefined)
    return backend.getBoth(deadline, keys.session(handle), keys.epoch(userId)).then(([raw, epoch]) => {
      const found = decode(raw)
      const isOfUser = isAlive(found) && found.record.userId === userId
      return isOfUser ? checkEpoch(handle, found, parseEpoch(epoch)) : rejectOutdated(parts, deadline, handle, found)
    })
  return andThen(readSession(parts, deadline, handle), found => rejectOutdated(parts, deadline, handle, found))
}

/** Revokes a record of an earlier epoch or of an ended lineage. */
export function rejectOutdated(parts: StoreParts, deadline: Deadline, handle: string, found: Found): MaybePromise<Found> {
  if (!isAlive(found)) return found
  if (parts.consistency === 'strong') return rejectEarlierEpoch(parts, deadline, handle, found)
  const checks = [hasEndedLineage(parts, deadline, handle, found.record), rejectEarlierEpoch(parts, deadline, handle, found)] as const
  return Promise.all(checks).then(([hasEnded, checked]) => hasEnded ? { dead: 'revoked' } : checked)
}

export function rejectEarlierEpoch(parts: StoreParts, deadline: Deadline, handle: string, found: Alive): MaybePromise<Found> {
  if (found.record.userId === undefined) return found
  return andThen(getEpoch(parts, deadline, found.record.userId), epoch => checkEpoch(handle, found, epoch))
}

/** The excepted record gets the new epoch, which its replacements inherit. */
function checkEpoch(handle: string, found: Alive, epoch: Epoch): Found {
  if (isOutdated(found.record, handle, epoch)) return { dead: 'revoked' }
  const isUpToDate = (found.record.epoch ?? 0) >= epoch.number
  return isUpToDate ? found : { ...found, record: { ...found.record, epoch: epoch.number } }
}

/** A replacement of the excepted session that was created during the raise is excepted too. */
export function isOutdated({ epoch = 0, replaces }: SessionRecord, handle: string, { number, except }: Epoch): boolean {
  if (epoch >= number) return false
  return except === undefined || (handle !== except && (replaces === undefined || !except.startsWith(replaces)))
}

/** The start of a handle, as a record contains it: 48 bits tell the sessions of one user apart. */
export function startOfHandle(handle: string): string {
  return handle.slice(0, 12)
}

/** Returns when a stored epoch may be removed; `undefined` if the value is no epoch. */
export function endOfEpoch(raw: unknown): number | undefined {
  const { number } = parseEpoch(raw)
  return number === 0 ? undefined : number + REVOCATION_MS
}

// `1763999999999`, or with an exception `"1763999999999 <handle>"`: JSON, for drivers that parse what they return.
function parseEpoch(raw: unknown): Epoch {
  if (isNothing(raw)) return { number: 0 }
  const text = typeof raw === 'object' || typeof raw === 'function' ? '' : String(raw)
  const [digits, except] = text.replaceAll('"', '').split(' ')
  return { number: Number(digits) || 0, except, text }
}
