import { CellStore } from '../record-store'
import type { StoreContext } from '../context'
import { ItemCells } from './generic-values'
import { ItemSweep } from './sweep'
import { Items } from './generic-items'
import { isHandle } from '../keys'
import type { StoreKeys } from '../keys'
import type { Operation } from '../deadline'
import { FirstHandles } from '../session-index'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'

/** A store over any other driver, files included. */
export function createItemStore(context: StoreContext, keys: StoreKeys): CellStore {
  const items = new Items(context)
  return new CellStore({ context, keys, cells: new ItemCells(context, keys, items), index: new ItemIndex(context, keys, items) })
}

/** An item for each session of a user. A list of everybody's sessions, and their number, go through all keys. */
class ItemIndex implements SessionIndex {
  private readonly itemSweep: ItemSweep

  constructor(context: StoreContext, private readonly keys: StoreKeys, private readonly items: Items) {
    this.itemSweep = new ItemSweep(context, keys, items)
  }

  /** Also where only the end moves: a driver with a TTL would drop the item before its session. */
  async enter(operation: Operation, handle: string, next: SessionRecord, before?: SessionRecord): Promise<void> {
    const { userId, expiresAt } = next
    if (userId === undefined) return
    if (before !== undefined && before.userId === userId && expiresAt <= before.expiresAt) return
    await this.items.set(operation, this.keys.userSession(userId, handle), { text: `${expiresAt}`, until: expiresAt })
  }

  async leaveUser(operation: Operation, handle: string, userId: string): Promise<void> {
    await this.items.remove(operation, this.keys.userSession(userId, handle))
  }

  async leave(operation: Operation, handle: string, userId: string | undefined): Promise<void> {
    if (userId !== undefined) await this.leaveUser(operation, handle, userId)
  }

  async page(operation: Operation, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const first = new FirstHandles(cursor, limit)
    const parent = userId === undefined ? this.keys.prefix : `${this.keys.user(userId)}:`
    for await (const name of this.items.names(() => operation, parent)) if (isHandle(name)) first.offer(name)
    return first.page()
  }

  /** With those that have ended and were not swept yet: reading each would cost more than the number is worth. */
  async count(operation: Operation): Promise<number> {
    let count = 0
    for await (const name of this.items.names(() => operation, this.keys.prefix)) if (isHandle(name)) count++
    return count
  }

  sweep(operation: Operation, limit: number): Promise<void> {
    return this.itemSweep.next(operation, limit)
  }
}
