import { TOMBSTONE_MS } from '../model/lifetimes'
import type { StoreParts } from './backend'
import type { Deadline } from './deadline'
import { changeEpoch } from './epoch-changes'
import { isOutdated, parseEpoch, startOfHandle } from './epochs'
import { isHandle } from './keys'
import { endLineage, lineageIn } from './lineage'
import { MAX_LIMIT, readAll } from './listing'
import { checkEpochs } from './reading'
import { isAlive } from './record'
import type { Alive, ListPage, SessionRecord } from './store'
import { endRecord, putTombstone } from './writes'

type Session = [handle: string, found: Alive]

// So many handles fit into a user's epoch, which each request of the user reads.
const MAX_ENDED = 100

/**
 * Ends the oldest sessions of a user and name until `max` are left, but never `own`, and returns those that it ended.
 * Call it after `own` was created: of several logins at the same time, the last one then finds all of them. The user's
 * epoch names the sessions that end, so they end in one step, and of two logins only one can end the other.
 */
export async function endOldest(parts: StoreParts, deadline: Deadline, own: string, { userId, name }: SessionRecord, max: number): Promise<ListPage['entries']> {
  const { keys, context: { env } } = parts
  if (userId === undefined) return []
  let named: Session[] = []
  let isDone = false
  const entries: ListPage['entries'] = []
  while (!isDone) {
    await changeEpoch(parts, deadline, keys.epoch(userId), async () => {
      deadline.renew()
      const { sessions, epochs } = await readUser(parts, deadline, userId)
      const before = parseEpoch(epochs[1])
      const alive = sessions.filter(([handle, found]) => isAlive(checkEpochs(handle, found, epochs, userId)) && found.record.name === name)
      const others = alive.filter(([handle]) => handle !== own).sort(([, one], [, other]) => one.record.createdAt - other.record.createdAt)
      // Another login may have ended this one.
      const excess = others.length < alive.length ? others.slice(0, Math.max(0, others.length + 1 - max)) : []
      // Of an earlier login, whose process may have been killed.
      named = sessions.filter(([handle, { record }]) => isOutdated({ ...record, epoch: Infinity }, handle, before))
      isDone = excess.length <= MAX_ENDED
      if (excess.length === 0) return
      const chosen = excess.slice(0, MAX_ENDED)
      const needed = new Set(named.flatMap(([handle, { record }]) => [`-${startOfHandle(handle)}`, `-${record.replaces}`]))
      const kept = before.rest.filter(entry => isHandle(entry) || needed.has(entry))
      named = [...named, ...chosen]
      return { before, value: { number: before.number, rest: [...kept, ...chosen.map(([handle]) => `-${startOfHandle(handle)}`), `${Math.trunc(env.now())}`] } }
    })
    entries.push(...await endNamed(parts, deadline, named))
  }
  return entries
}

/** Gives sessions that a user's epoch names a tombstone. They have ended, so this may fail; then the next login tries again. */
async function endNamed(parts: StoreParts, deadline: Deadline, sessions: Session[]): Promise<ListPage['entries']> {
  const until = parts.context.env.now() + TOMBSTONE_MS
  const ended = await Promise.all(sessions.map(session => endOne(parts, deadline, session, until).catch(() => false)))
  return sessions.filter((_session, at) => ended[at]).map(([key, { record }]) => ({ key, record }))
}

/** Returns whether this call ended it. */
async function endOne(parts: StoreParts, deadline: Deadline, [key, found]: Session, until: number): Promise<boolean> {
  const lineage = lineageIn(found, key)
  const options = { reason: 'revoked', until, userId: found.record.userId, lineage } as const
  const outcome = await putTombstone(parts, deadline, key, options)
  if ('before' in outcome) await endLineage(parts, deadline, lineage, 'revoked')
  // Its id may have been replaced meanwhile.
  else await endRecord(parts, deadline, key, options)
  return 'before' in outcome
}

async function readUser(parts: StoreParts, deadline: Deadline, userId: string): Promise<{ sessions: Session[], epochs: unknown[] }> {
  const handles: string[] = []
  let cursor: string | undefined
  do {
    const page = await parts.backend.page(deadline, userId, cursor, MAX_LIMIT)
    handles.push(...page.handles)
    cursor = page.cursor
  } while (cursor !== undefined)
  return readAll(parts, deadline, handles, userId)
}
