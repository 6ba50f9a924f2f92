import type { SessionDevice } from '../model/types'
import type { SessionRecord } from '../store/store'
import { isAlive } from '../store/record'
import type { DeviceContext, DeviceRefusal, DeviceSession } from './context'

/** The record of a session that is bound to a key. */
export type BoundRecord = SessionRecord & { device: SessionDevice }

/** The record with the session's key, or why it was not stored. */
export type StoredKey = { record: BoundRecord } | { refusal: DeviceRefusal }

class Refused extends Error {
  constructor(readonly refusal: DeviceRefusal) {
    super(refusal)
  }
}

/** Stores a session's key by compare-and-set. `refusalOf` is asked again about a record that another request has changed. */
export async function storeKey(
  { store }: Pick<DeviceContext, 'store'>, { handle, found }: DeviceSession, device: SessionDevice,
  refusalOf: (record: SessionRecord) => DeviceRefusal | undefined,
): Promise<StoredKey> {
  try {
    const stored = await store.update(handle, (record) => {
      const refusal = refusalOf(record)
      if (refusal) throw new Refused(refusal)
      return { ...record, device }
    }, found)
    return isAlive(stored) ? { record: { ...stored.record, device } } : { refusal: 'session' }
  }
  catch (error) {
    if (error instanceof Refused) return { refusal: error.refusal }
    throw error
  }
}
