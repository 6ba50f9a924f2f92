import type { SessionDevice } from '../model/types'
import type { SessionRecord } from '../store/store'
import { isAlive } from '../store/record'
import type { DeviceContext, DeviceRejection, DeviceSession } from './context'

/** The record of a session that is bound to a key. */
export type BoundRecord = SessionRecord & { device: SessionDevice }

/** The record with the session's key, or why it was not stored. */
export type StoredKey = { record: BoundRecord } | { reason: DeviceRejection }

class Rejection extends Error {
  constructor(readonly reason: DeviceRejection) {
    super(reason)
  }
}

/** Stores a session's key by compare-and-set. `reasonFor` is asked again about a record that another request has changed. */
export async function storeKey(
  { store }: Pick<DeviceContext, 'store'>, { handle, found }: DeviceSession, device: SessionDevice,
  reasonFor: (record: SessionRecord) => DeviceRejection | undefined,
): Promise<StoredKey> {
  try {
    const stored = await store.update(handle, (record) => {
      const reason = reasonFor(record)
      if (reason) throw new Rejection(reason)
      return { ...record, device }
    }, found)
    return isAlive(stored) ? { record: { ...stored.record, device } } : { reason: 'session' }
  }
  catch (error) {
    if (error instanceof Rejection) return { reason: error.reason }
    throw error
  }
}
