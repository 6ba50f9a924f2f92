import type { StoreKeys } from '../keys'
import type { Deadline } from '../deadline'
import { endOfEpoch } from '../user-epochs'
import { decode, endOf, isAlive, isNothing } from '../record'

/** Reads and removes single items during a sweep. */
export interface SweepAccess {
  readItem: (deadline: Deadline, key: string) => Promise<unknown>
  /** Removes the item only if its value is still `found`. */
  removeItem: (deadline: Deadline, key: string, found: unknown) => Promise<unknown>
}

export interface Sweeping {
  deadline: Deadline
  keys: StoreKeys
  /** Items that ended by this time are removed. */
  now: number
  access: SweepAccess
}

/** Removes an item of the store if it has ended. Ignores other items. */
export async function sweepEntry(sweeping: Sweeping, key: string, value: unknown): Promise<void> {
  const { deadline, keys, access } = sweeping
  const entry = keys.parse(key)
  if (entry?.kind === 'user') return sweepUserEntry(sweeping, key, value, entry)
  const end = endAt(keys, key, value)
  if (entry === undefined || end === undefined || end > sweeping.now) return
  if (entry.kind === 'epoch') return void await access.removeItem(deadline, key, value)
  // A record that a slow writer left beside a tombstone must not outlive the tombstone.
  if (entry.kind === 'tombstone') await removeIfPresent(sweeping, keys.session(entry.handle))
  await access.removeItem(deadline, key, value)
  const found = decode(value)
  if (!isAlive(found) || found.record.userId === undefined) return
  await removeIfPresent(sweeping, keys.userSession(found.record.userId, entry.handle))
}

/** Returns when a record, tombstone or epoch ends. */
export function endAt(keys: StoreKeys, key: string, value: unknown): number | undefined {
  return keys.parse(key)?.kind === 'epoch' ? endOfEpoch(value) : endOf(value)
}

async function removeIfPresent({ deadline, access }: Sweeping, key: string): Promise<void> {
  const left = await access.readItem(deadline, key)
  if (!isNothing(left)) await access.removeItem(deadline, key, left)
}

/** A user's entry contains its session's expiry as of when it was written. The session may have been renewed since. */
async function sweepUserEntry({ deadline, keys, now, access }: Sweeping, key: string, value: unknown, entry: { handle: string, userHash: string }): Promise<void> {
  if ((typeof value === 'string' || typeof value === 'number') && Number(value) > now) return
  const found = decode(await access.readItem(deadline, keys.session(entry.handle)))
  const { userId, expiresAt = 0 } = isAlive(found) ? found.record : {}
  if (expiresAt > now && userId !== undefined && keys.hashOf(userId) === entry.userHash) return
  await access.removeItem(deadline, key, value)
}
