import { RecordStore } from '../record-store'
import type { StoreContext } from '../context'
import { GenericBackend } from './generic-values'
import { GenericSweep } from './sweep'
import { DriverItems } from './generic-items'
import { isHandle } from '../keys'
import type { StoreKeys } from '../keys'
import type { Deadline } from '../deadline'
import { FirstHandles } from '../session-index'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'

/** Creates a store over any other driver, such as `fs`. */
export function createGenericStore(context: StoreContext, keys: StoreKeys): RecordStore {
  const items = new DriverItems(context)
  return new RecordStore({ context, keys, backend: new GenericBackend(context, keys, items), index: new GenericIndex(context, keys, items) })
}

/** One item for each session of a user. Listing or counting the sessions of all users reads all keys. */
class GenericIndex implements SessionIndex {
  private readonly genericSweep: GenericSweep

  constructor(context: StoreContext, private readonly keys: StoreKeys, private readonly items: DriverItems) {
    this.genericSweep = new GenericSweep(context, keys, items)
  }

  /** Also writes if only the expiry changes: a driver with a TTL would drop the item before its session. */
  async add(deadline: Deadline, handle: string, next: SessionRecord, before?: SessionRecord): Promise<void> {
    const { userId, expiresAt } = next
    if (userId === undefined) return
    if (before !== undefined && before.userId === userId && expiresAt <= before.expiresAt) return
    await this.items.set(deadline, this.keys.userSession(userId, handle), { text: `${expiresAt}`, until: expiresAt })
  }

  async removeFromUser(deadline: Deadline, handle: string, userId: string): Promise<void> {
    await this.items.remove(deadline, this.keys.userSession(userId, handle))
  }

  async remove(deadline: Deadline, handle: string, userId: string | undefined): Promise<void> {
    if (userId !== undefined) await this.removeFromUser(deadline, handle, userId)
  }

  async page(deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const first = new FirstHandles(cursor, limit)
    const parent = userId === undefined ? this.keys.prefix : `${this.keys.user(userId)}:`
    for await (const name of this.items.names(() => deadline, parent)) if (isHandle(name)) first.add(name)
    return first.page()
  }

  /** Includes ended sessions that are not swept yet; excluding them would take a read for each. */
  async count(deadline: Deadline): Promise<number> {
    let count = 0
    for await (const name of this.items.names(() => deadline, this.keys.prefix)) if (isHandle(name)) count++
    return count
  }

  sweep(deadline: Deadline, limit: number): Promise<void> {
    return this.genericSweep.next(deadline, limit)
  }
}
