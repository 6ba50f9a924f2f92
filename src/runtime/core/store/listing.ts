import type { HandlePage, StoreParts } from './backend'
import type { Deadline } from './deadline'
import { endOfLineage } from './lineage'
import { checkEpochs, epochKeys } from './reading'
import { decode, isAlive } from './record'
import type { Alive, ListFilter, ListPage } from './store'

type Entry = ListPage['entries'][number]

const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 1000
// If the index names many ended sessions, a page stays incomplete.
const MAX_ROUNDS = 10

export async function listSessions(parts: StoreParts, deadline: Deadline, { userId, limit = DEFAULT_LIMIT, cursor }: ListFilter): Promise<ListPage> {
  const wanted = Math.max(1, Math.min(Math.trunc(limit) || 1, MAX_LIMIT))
  const entries: Entry[] = []
  let page: HandlePage = { handles: [], cursor }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    page = await parts.backend.page(deadline, userId, page.cursor, wanted - entries.length)
    entries.push(...await aliveAmong(parts, deadline, page.handles, userId))
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

/** Reads the sessions of these handles, and skips ended ones and those of other users. */
async function aliveAmong(parts: StoreParts, deadline: Deadline, handles: string[], userId: string | undefined): Promise<Entry[]> {
  if (handles.length === 0) return []
  const { sessions, epochs } = await readAll(parts, deadline, handles, userId)
  const epochOf = userId === undefined ? await readEpochs(parts, deadline, sessions) : () => epochs
  const alive = await Promise.all(sessions.map(async ([key, found]) => {
    const owner = found.record.userId
    const checked = checkEpochs(key, found, epochOf(owner), owner)
    return isAlive(checked) && await endOfLineage(parts, deadline, key, found.record) === undefined
  }))
  return sessions.flatMap(([key, { record }], at) => alive[at] ? [{ key, record }] : [])
}

/** Reads the records of these handles that have not expired, with a user only this user's, and the values of {@link epochKeys} in the same read. */
export async function readAll({ backend, keys, context }: StoreParts, deadline: Deadline, handles: string[], userId: string | undefined) {
  const now = context.env.now()
  const values = await backend.getAll(deadline, [...handles.map(handle => keys.session(handle)), ...epochKeys({ keys }, userId)])
  const sessions = handles.flatMap((handle, at): [string, Alive][] => {
    const found = decode(values[at])
    const isListed = isAlive(found) && found.record.expiresAt > now && (userId === undefined || found.record.userId === userId)
    return isListed ? [[handle, found]] : []
  })
  return { sessions, epochs: values.slice(handles.length) }
}

async function readEpochs({ backend, keys }: StoreParts, deadline: Deadline, sessions: [string, Alive][]) {
  const users = [...new Set(sessions.flatMap(([, { record }]) => record.userId ?? []))]
  const [app, ...epochs] = await backend.getAll(deadline, [keys.appEpoch, ...users.map(user => keys.epoch(user))])
  const byUser = new Map(users.map((user, at) => [user, epochs[at]]))
  return (user: string | undefined) => [app, user === undefined ? undefined : byUser.get(user)]
}
