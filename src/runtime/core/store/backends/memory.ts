import type { TombstoneOutcome, StoreBackend, BackendValue } from '../backend'
import { RecordStore } from '../record-store'
import type { StoreContext } from '../context'
import type { StoreKeys } from '../keys'
import type { Deadline } from '../deadline'
import { decode, isAlive, isEnded, isNothing, isSameText } from '../record'
import { FirstHandles, isNewlyBound } from '../session-index'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'
import { endAt } from './sweep-entry'

type Items = Map<string, unknown>

// A loop over all entries lets other work run after so many.
const SLICE = 2000

/**
 * Creates a store in the map of unstorage's memory driver. Every step is atomic because it is synchronous. A user's
 * sessions are a Set in the same map.
 */
export function createMemoryStore(context: StoreContext, keys: StoreKeys, items: Items): RecordStore {
  return new RecordStore({ context, keys, backend: new MemoryBackend(items), index: new MemoryIndex(context, keys, items) })
}

class MemoryBackend implements StoreBackend {
  // Not 'store': each instance of the app has its own memory.
  readonly atomicity = 'process'

  constructor(private readonly items: Items) {}

  get(_deadline: Deadline, key: string): unknown {
    return this.items.get(key)
  }

  compareAndSet(_deadline: Deadline, key: string, expected: string | undefined, { text }: BackendValue): boolean {
    if (!isSameText(this.items.get(key), expected)) return false
    this.items.set(key, text)
    return true
  }

  putTombstone(_deadline: Deadline, key: string, { text }: BackendValue, expected: string | undefined): TombstoneOutcome {
    const before = this.items.get(key)
    if (isEnded(decode(before))) return 'dead'
    if (expected !== undefined && !isSameText(before, expected)) return 'changed'
    this.items.set(key, text)
    return { before }
  }
}

class MemoryIndex implements SessionIndex {
  private sweeping: MapIterator<[string, unknown]> | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: Items) {}

  add(_deadline: Deadline, handle: string, next: SessionRecord, before?: SessionRecord): void {
    if (!isNewlyBound(next, before)) return
    const key = this.keys.user(next.userId!)
    const handles = this.handlesOf(next.userId!) ?? new Set()
    this.items.set(key, handles.add(handle))
  }

  removeFromUser(_deadline: Deadline, handle: string, userId: string): void {
    const handles = this.handlesOf(userId)
    handles?.delete(handle)
    if (handles?.size === 0) this.items.delete(this.keys.user(userId))
  }

  remove(deadline: Deadline, handle: string, userId: string | undefined): void {
    if (userId !== undefined) this.removeFromUser(deadline, handle, userId)
  }

  async page(_deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const first = new FirstHandles(cursor, limit)
    if (userId === undefined) await this.forEachSession(handle => first.add(handle))
    else for (const handle of this.handlesOf(userId) ?? []) first.add(handle)
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

  sweep(deadline: Deadline, limit: number): void {
    this.sweeping ??= this.items.entries()
    const now = this.context.env.now()
    for (let looked = 0; looked < limit; looked++) {
      const { done, value } = this.sweeping.next()
      if (done) {
        this.sweeping = undefined
        return
      }
      this.sweepEntry(deadline, value[0], value[1], now)
    }
  }

  private sweepEntry(deadline: Deadline, key: string, value: unknown, now: number): void {
    const entry = this.keys.parse(key)
    if (entry?.kind !== 'session' && entry?.kind !== 'epoch') return
    const end = endAt(this.keys, key, value)
    if (end === undefined || end > now) return
    this.items.delete(key)
    const found = decode(value)
    if (entry.kind === 'session' && isAlive(found)) this.remove(deadline, entry.handle, found.record.userId)
  }

  /** In slices and without a copy, because the map may be large. It may change between slices. */
  private async forEachSession(visit: (handle: string, value: unknown) => void): Promise<void> {
    let looked = 0
    for (const [key, value] of this.items) {
      const entry = this.keys.parse(key)
      if (entry?.kind === 'session' && !isNothing(value)) visit(entry.handle, value)
      if (++looked % SLICE === 0) await new Promise<void>(resolve => void this.context.env.startTimer(0, resolve))
    }
  }

  private handlesOf(userId: string): Set<string> | undefined {
    const value = this.items.get(this.keys.user(userId))
    return value instanceof Set ? value : undefined
  }
}
