import { isEnded } from '../store/record'
import type { SessionStore } from '../store/store'

/** More new ids between a login and its registration are not followed. Each costs a read, and a thief a request of a few milliseconds. */
const MAX_NEW_IDS = 256

/** The handle that a session has after new ids; `undefined` if it has ended otherwise, or has its first one. */
export async function successorOf(store: Pick<SessionStore, 'get'>, handle: string): Promise<string | undefined> {
  let latest: string | undefined
  for (let ids = 0; ids <= MAX_NEW_IDS; ids++) {
    const found = await store.get(latest ?? handle)
    if (!isEnded(found)) return latest
    if (found.dead !== 'superseded' || found.successor === undefined) return undefined
    latest = found.successor
  }
  return undefined
}
