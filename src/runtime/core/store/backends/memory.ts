import type { Burial, Cells, CellValue } from '../backend'
import { CellStore } from '../record-store'
import type { StoreContext } from '../context'
import type { StoreKeys } from '../keys'
import type { Operation } from '../deadline'
import { decode, isAlive, isDead, isNothing, isSameText } from '../record'
import { FirstHandles, isNewlyBound } from '../session-index'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'
import { endAt } from './sweep-entry'

type Items = Map<string, unknown>

// Entries that are looked at before others have their turn.
const SLICE = 2000

/**
 * A store in the map of unstorage's memory driver. Every step is atomic, as there is one process and nothing waits
 * within a step; a user's sessions are a Set in the same map.
 */
export function createMemoryStore(context: StoreContext, keys: StoreKeys, items: Items): CellStore {
  return new CellStore({ context, keys, cells: new MemoryCells(items), index: new MemoryIndex(context, keys, items) })
}

class MemoryCells implements Cells {
  // Whoever reads this warns of several instances, where each has its own memory.
  readonly atomicity = 'process'

  constructor(private readonly items: Items) {}

  get(_operation: Operation, key: string): unknown {
    return this.items.get(key)
  }

  swap(_operation: Operation, key: string, expected: string | undefined, { text }: CellValue): boolean {
    if (!isSameText(this.items.get(key), expected)) return false
    this.items.set(key, text)
    return true
  }

  bury(_operation: Operation, key: string, { text }: CellValue, expected: string | undefined): Burial {
    const before = this.items.get(key)
    if (isDead(decode(before))) return 'dead'
    if (expected !== undefined && !isSameText(before, expected)) return 'changed'
    this.items.set(key, text)
    return { before }
  }
}

class MemoryIndex implements SessionIndex {
  private sweeping: MapIterator<[string, unknown]> | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: Items) {}

  enter(_operation: Operation, handle: string, next: SessionRecord, before?: SessionRecord): void {
    if (!isNewlyBound(next, before)) return
    const key = this.keys.user(next.userId!)
    const handles = this.handlesOf(next.userId!) ?? new Set()
    this.items.set(key, handles.add(handle))
  }

  leaveUser(_operation: Operation, handle: string, userId: string): void {
    const handles = this.handlesOf(userId)
    handles?.delete(handle)
    if (handles?.size === 0) this.items.delete(this.keys.user(userId))
  }

  leave(operation: Operation, handle: string, userId: string | undefined): void {
    if (userId !== undefined) this.leaveUser(operation, handle, userId)
  }

  async page(_operation: Operation, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const first = new FirstHandles(cursor, limit)
    if (userId === undefined) await this.forEachSession(handle => first.offer(handle))
    else for (const handle of this.handlesOf(userId) ?? []) first.offer(handle)
    return first.page()
  }

  async count(): Promise<number> {
    let count = 0
    const now = this.context.env.now()
    await this.forEachSession((_handle, value) => {
      const found = decode(value)
      if (isAlive(found) && found.record.expiresAt > now) count++
    })
    return count
  }

  sweep(operation: Operation, limit: number): void {
    this.sweeping ??= this.items.entries()
    const now = this.context.env.now()
    for (let looked = 0; looked < limit; looked++) {
      const { done, value } = this.sweeping.next()
      if (done) {
        this.sweeping = undefined
        return
      }
      this.sweepEntry(operation, value[0], value[1], now)
    }
  }

  private sweepEntry(operation: Operation, key: string, value: unknown, now: number): void {
    const entry = this.keys.read(key)
    if (entry?.kind !== 'session' && entry?.kind !== 'epoch') return
    const end = endAt(this.keys, key, value)
    if (end === undefined || end > now) return
    this.items.delete(key)
    const found = decode(value)
    if (entry.kind === 'session' && isAlive(found)) this.leave(operation, entry.handle, found.record.userId)
  }

  /** In slices, without a copy: the map may be large, and may change meanwhile. */
  private async forEachSession(look: (handle: string, value: unknown) => void): Promise<void> {
    let looked = 0
    for (const [key, value] of this.items) {
      const entry = this.keys.read(key)
      if (entry?.kind === 'session' && !isNothing(value)) look(entry.handle, value)
      if (++looked % SLICE === 0) await new Promise<void>(resolve => void this.context.env.startTimer(0, resolve))
    }
  }

  private handlesOf(userId: string): Set<string> | undefined {
    const value = this.items.get(this.keys.user(userId))
    return value instanceof Set ? value : undefined
  }
}
