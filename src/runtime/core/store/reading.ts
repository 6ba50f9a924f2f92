import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreParts } from './backend'
import type { Deadline } from './deadline'
import { isOutdated, isRevokedByApp, parseEpoch } from './epochs'
import type { Epoch } from './epochs'
import { endOfLineage } from './lineage'
import { decode, isAlive } from './record'
import type { Alive, Found } from './store'

export function getEpoch({ backend, keys }: StoreParts, deadline: Deadline, userId: string): MaybePromise<Epoch> {
  return andThen(backend.get(deadline, keys.epoch(userId)), parseEpoch)
}

export function getAppEpoch({ backend, keys }: StoreParts, deadline: Deadline): MaybePromise<Epoch> {
  return andThen(backend.getAll(deadline, [keys.appEpoch]), ([found]) => parseEpoch(found))
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
    return andThen(endOfLineage(parts, deadline, handle, checked.record), end => end ?? checked)
  })
}

/** Revokes a record of an earlier epoch or of an ended lineage. */
export function rejectOutdated(parts: StoreParts, deadline: Deadline, handle: string, found: Found): MaybePromise<Found> {
  if (!isAlive(found)) return found
  if (parts.consistency === 'strong') return rejectEarlierEpoch(parts, deadline, handle, found)
  const checks = [endOfLineage(parts, deadline, handle, found.record), rejectEarlierEpoch(parts, deadline, handle, found)] as const
  return Promise.all(checks).then(([end, checked]) => end ?? checked)
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
