import type { administratedStore } from '../../core/administration'
import { revoke } from '../../core/administration'
import { mergeData } from '../../core/data'
import { MAX_LIFETIME_MS } from '../../core/expiry'
import type { SessionRecord } from '../../core/store/store'
import { isAlive } from '../../core/stored-session'

type Place = ReturnType<typeof administratedStore>

/** A record, and what it was before. */
export interface Rewritten { before: SessionRecord, after: SessionRecord }

/** Gives a stored session exactly this data, whoever has it. */
export function rewriteStored(place: Place, handle: string, data: object): Promise<Rewritten> {
  return change(place, handle, record => ({ ...record, data: mergeData({}, data) }))
}

/** Lets a stored session be over: whoever comes with it is told that it has expired. */
export function expireStored(place: Place, handle: string): Promise<Rewritten> {
  const { config, env } = place
  return change(place, handle, (record) => {
    const lifetime = (record.maxAge ?? config.maxAge ?? MAX_LIFETIME_MS / 1000) * 1000
    const now = env.now()
    return { ...record, createdAt: now - lifetime - 1000, expiresAt: now - 1000 }
  })
}

/** Ends a stored session at once. @returns what it was */
export async function revokeStored(place: Place, handle: string): Promise<SessionRecord | undefined> {
  const found = await place.store.get(handle)
  if (!await revoke(place, handle)) throw ended()
  return isAlive(found) ? found.record : undefined
}

async function change({ store }: Place, handle: string, make: (record: SessionRecord) => SessionRecord): Promise<Rewritten> {
  let before: SessionRecord | undefined
  const found = await store.update(handle, (record) => {
    before = record
    return make(record)
  })
  if (!isAlive(found) || !before) throw ended()
  return { before, after: found.record }
}

function ended(): Error {
  return new Error('The session has ended meanwhile; nothing was changed.')
}
