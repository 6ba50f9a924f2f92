import { isOutdated } from './user-epochs'
import type { Epoch } from './user-epochs'
import { isAlive } from './record'
import type { HandlePage } from './session-index'
import type { Found, ListFilter, ListPage } from './store'

type Entry = ListPage['entries'][number]

export interface ListReaders {
  now: number
  page: (userId: string | undefined, cursor: string | undefined, limit: number) => Promise<HandlePage>
  read: (handle: string) => Promise<Found>
  epoch: (userId: string) => Promise<Epoch>
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000
// If the index names many ended sessions, a page stays incomplete.
const MAX_ROUNDS = 10

export async function listSessions({ userId, limit = DEFAULT_LIMIT, cursor }: ListFilter, readers: ListReaders): Promise<ListPage> {
  const wanted = Math.max(1, Math.min(Math.trunc(limit) || 1, MAX_LIMIT))
  const entryOf = entryReader(userId, readers)
  const entries: Entry[] = []
  let next = cursor
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const page = await readers.page(userId, next, wanted - entries.length)
    for (const entry of await Promise.all(page.handles.map(entryOf))) if (entry) entries.push(entry)
    next = page.cursor
    if (next === undefined || entries.length >= wanted) break
  }
  return { entries, cursor: next }
}

export async function countUser(userId: string, readers: ListReaders): Promise<number> {
  const entryOf = entryReader(userId, readers)
  let count = 0
  let cursor: string | undefined
  do {
    const page = await readers.page(userId, cursor, MAX_LIMIT)
    const entries = await Promise.all(page.handles.map(entryOf))
    count += entries.filter(entry => entry !== undefined).length
    cursor = page.cursor
  } while (cursor !== undefined)
  return count
}

/** Returns a reader that skips ended sessions and those of other users. It reads each user's epoch once. */
function entryReader(userId: string | undefined, readers: ListReaders): (handle: string) => Promise<Entry | undefined> {
  const epochs = new Map<string, Promise<Epoch>>()
  const epochOf = (id: string) => {
    const epoch = epochs.get(id) ?? readers.epoch(id)
    epochs.set(id, epoch)
    return epoch
  }
  return async (key) => {
    const found = await readers.read(key)
    if (!isAlive(found) || found.record.expiresAt <= readers.now) return undefined
    const { record } = found
    if (userId !== undefined && record.userId !== userId) return undefined
    if (record.userId !== undefined && isOutdated(record, key, await epochOf(record.userId))) return undefined
    return { key, record }
  }
}
