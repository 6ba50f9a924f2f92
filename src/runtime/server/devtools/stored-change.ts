import type { administratedStore } from '../../core/session/administration'
import { revoke } from '../../core/session/administration'
import { mergeData } from '../../core/model/data'
import { MAX_LIFETIME_MS } from '../../core/model/lifetimes'
import type { SessionRecord } from '../../core/store/store'
import { isAlive } from '../../core/store/record'

type Place = ReturnType<typeof administratedStore>

/** A record before and after a change. */
export interface ChangedRecord { before: SessionRecord, after: SessionRecord }

/** Replaces the data of a stored session. */
export function editStored(place: Place, handle: string, data: object): Promise<ChangedRecord> {
  return change(place, handle, record => ({ ...record, data: mergeData({}, data) }))
}

/** Expires a stored session: from now on its token is rejected as `expired`. */
export function expireStored(place: Place, handle: string): Promise<ChangedRecord> {
  const { config, env } = place
  return change(place, handle, (record) => {
    const lifetime = (record.maxAge ?? config.maxAge ?? MAX_LIFETIME_MS / 1000) * 1000
    const now = env.now()
    return { ...record, createdAt: now - lifetime - 1000, expiresAt: now - 1000 }
  })
}

/** Revokes a stored session. @returns its last record */
export async function revokeStored(place: Place, handle: string): Promise<SessionRecord | undefined> {
  const found = await place.store.get(handle)
  if (!await revoke(place, handle)) throw alreadyEnded()
  return isAlive(found) ? found.record : undefined
}

async function change({ store }: Place, handle: string, make: (record: SessionRecord) => SessionRecord): Promise<ChangedRecord> {
  let before: SessionRecord | undefined
  const found = await store.update(handle, (record) => {
    before = record
    return make(record)
  })
  if (!isAlive(found) || !before) throw alreadyEnded()
  return { before, after: found.record }
}

function alreadyEnded(): Error {
  return new Error('The session has already ended. Nothing was changed.')
}
