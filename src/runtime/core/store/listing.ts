import type { HandlePage, StoreParts } from './backend'
import type { Deadline } from './deadline'
import { hasEndedLineage } from './lineage'
import { isAlive } from './record'
import type { ListFilter, ListPage } from './store'
import { getEpoch, isOutdated, readSession } from './user-epochs'

type Entry = ListPage['entries'][number]

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000
// If the index names many ended sessions, a page stays incomplete.
const MAX_ROUNDS = 10

export async function listSessions(parts: StoreParts, deadline: Deadline, { userId, limit = DEFAULT_LIMIT, cursor }: ListFilter): Promise<ListPage> {
  const wanted = Math.max(1, Math.min(Math.trunc(limit) || 1, MAX_LIMIT))
  const entryOf = entryReader(parts, deadline, userId)
  const entries: Entry[] = []
  let page: HandlePage = { handles: [], cursor }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    page = await parts.backend.page(deadline, userId, page.cursor, wanted - entries.length)
    for (const entry of await Promise.all(page.handles.map(entryOf))) if (entry) entries.push(entry)
    if (page.cursor === undefined || entries.length >= wanted) break
  }
  return { entries, cursor: page.cursor }
}

export async function countUser(parts: StoreParts, deadline: Deadline, userId: string): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const page = await listSessions(parts, deadline, { userId, limit: MAX_LIMIT, cursor })
    count += page.entries.length
    cursor = page.cursor
  } while (cursor !== undefined)
  return count
}

/** Returns a reader that skips ended sessions and those of other users. It reads each user's epoch once. */
function entryReader(parts: StoreParts, deadline: Deadline, userId: string | undefined): (handle: string) => Promise<Entry | undefined> {
  const now = parts.context.env.now()
  const epochs = new Map<string, ReturnType<typeof getEpoch>>()
  const epochOf = (id: string) => {
    const epoch = epochs.get(id) ?? getEpoch(parts, deadline, id)
    epochs.set(id, epoch)
    return epoch
  }
  return async (key) => {
    const found = await readSession(parts, deadline, key)
    if (!isAlive(found) || found.record.expiresAt <= now) return undefined
    const { record } = found
    if (userId !== undefined && record.userId !== userId) return undefined
    if (record.userId !== undefined && isOutdated(record, key, await epochOf(record.userId))) return undefined
    return await hasEndedLineage(parts, deadline, key, record) ? undefined : { key, record }
  }
}
