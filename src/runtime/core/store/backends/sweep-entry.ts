import type { StoreKeys } from '../keys'
import type { Operation } from '../deadline'
import { endOfEpoch } from '../user-epochs'
import { decode, endOf, isAlive, isNothing } from '../record'

/** How a sweep reads and removes single items. */
export interface Removals {
  read: (operation: Operation, key: string) => Promise<unknown>
  /** Only in the state that was found. */
  remove: (operation: Operation, key: string, found: unknown) => Promise<unknown>
}

export interface Sweeping {
  operation: Operation
  keys: StoreKeys
  /** What ended by then goes. */
  now: number
  removals: Removals
}

/** Removes an item of the store if it has ended. What is none of the store's stays. */
export async function sweepEntry(sweeping: Sweeping, key: string, value: unknown): Promise<void> {
  const { operation, keys, removals } = sweeping
  const entry = keys.read(key)
  if (entry?.kind === 'user') return sweepUserEntry(sweeping, key, value, entry)
  const end = endAt(keys, key, value)
  if (entry === undefined || end === undefined || end > sweeping.now) return
  if (entry.kind === 'epoch') return void await removals.remove(operation, key, value)
  // What a slow writer left behind a tombstone must not outlive it.
  if (entry.kind === 'tombstone') await removeWhatLiesAt(sweeping, keys.session(entry.handle))
  await removals.remove(operation, key, value)
  const found = decode(value)
  if (!isAlive(found) || found.record.userId === undefined) return
  await removeWhatLiesAt(sweeping, keys.userSession(found.record.userId, entry.handle))
}

/** When what is at a key of the store ends, if it says so; not of a user's entries, which end with their sessions. */
export function endAt(keys: StoreKeys, key: string, value: unknown): number | undefined {
  return keys.read(key)?.kind === 'epoch' ? endOfEpoch(value) : endOf(value)
}

async function removeWhatLiesAt({ operation, removals }: Sweeping, key: string): Promise<void> {
  const left = await removals.read(operation, key)
  if (!isNothing(left)) await removals.remove(operation, key, left)
}

/** A user's entry says when its session ended at the time it was made; the session may have been used since. */
async function sweepUserEntry({ operation, keys, now, removals }: Sweeping, key: string, value: unknown, entry: { handle: string, userHash: string }): Promise<void> {
  if ((typeof value === 'string' || typeof value === 'number') && Number(value) > now) return
  const found = decode(await removals.read(operation, keys.session(entry.handle)))
  const { userId, expiresAt = 0 } = isAlive(found) ? found.record : {}
  if (expiresAt > now && userId !== undefined && keys.hashOf(userId) === entry.userHash) return
  await removals.remove(operation, key, value)
}
