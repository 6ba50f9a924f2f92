import type { EntryChange } from '../backend'
import type { StoreKeys } from '../keys'
import type { RecordTimes } from '../store'

/**
 * The unit of times in the index, in milliseconds. An entry ends one to two steps after its session, so it is written
 * again only if the session's end has moved by a step; and the clocks of other servers may be behind.
 */
export const INDEX_STEP = 2 * 60_000

/** A time in the index: steps since 1970. */
export function stepOf(time: number): number {
  return Math.floor(time / INDEX_STEP)
}

/** The step of an entry's end. */
export function entryEnd({ expiresAt }: Pick<RecordTimes, 'expiresAt'>): number {
  return stepOf(expiresAt) + 2
}

/** The first end of the entries whose sessions may be alive. */
export function firstAlive(now: number): number {
  return stepOf(now) + 2
}

/** The sets in which a write adds or renews a session's entry. */
export function setsToWrite(keys: StoreKeys, { handle, next, before }: EntryChange): string[] {
  const isLater = before === undefined || entryEnd(next) > entryEnd(before)
  const sets = isLater ? [keys.shard(handle)] : []
  if (next.userId !== undefined && (isLater || next.userId !== before.userId)) sets.push(keys.user(next.userId))
  return sets
}

export interface IndexEntry { handle: string, end: number }

/** A cursor contains the last entry of its page. The handle also tells its shard. */
export function cursorOf({ handle, end }: IndexEntry): string {
  return `${end}-${handle}`
}

export function parseCursor(cursor: string | undefined): IndexEntry | undefined {
  const [, end, handle] = /^(\d{1,10})-([0-9a-f]{64})$/.exec(cursor ?? '') ?? []
  return end === undefined || handle === undefined ? undefined : { end: Number(end), handle }
}

/** The entries that the script returns, each as a handle and its end. */
export function entriesOf(answer: string[]): IndexEntry[] {
  return answer.flatMap((handle, at) => at % 2 === 0 ? [{ handle, end: Number(answer[at + 1]) }] : [])
}
