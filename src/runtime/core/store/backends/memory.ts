import type { BackendValue, EntryChange, HandlePage, StoreBackend, WriteOutcome } from '../backend'
import type { StoreContext } from '../context'
import type { Deadline } from '../deadline'
import { FirstHandles } from './first-handles'
import type { StoreKeys } from '../keys'
import { decode, isAlive, isEnded, isNothing, isSameText } from '../record'
import type { SweptBatch } from '../store'
import { endAt } from './sweep'

// After this number of entries, a loop lets other work run.
const SLICE = 2000

/** Uses the map of unstorage's memory driver. Every step is synchronous, and therefore atomic. */
export class MemoryBackend implements StoreBackend {
  // Not 'store': each instance of the app has its own memory.
  readonly atomicity = 'process'
  private sweeping: MapIterator<[string, unknown]> | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: Map<string, unknown>) {}

  get(_deadline: Deadline, key: string): unknown {
    return this.items.get(key)
  }

  getAll(_deadline: Deadline, keys: string[]): unknown[] {
    return keys.map(key => this.items.get(key))
  }

  compareAndSet(_deadline: Deadline, key: string, expected: string | undefined, { text }: BackendValue, change?: EntryChange): WriteOutcome {
    if (change !== undefined) this.addEntry(change)
    const found = this.items.get(key)
    if (!isSameText(found, expected)) return { found }
    this.items.set(key, text)
    return { before: found }
  }

  putTombstone(_deadline: Deadline, key: string, { text }: BackendValue, expected: string | undefined): WriteOutcome {
    const found = this.items.get(key)
    if (isEnded(decode(found)) || (expected !== undefined && !isSameText(found, expected))) return { found }
    this.items.set(key, text)
    return { before: found }
  }

  removeEntry(_deadline: Deadline, handle: string, userId: string): void {
    const handles = this.handlesOf(userId)
    handles?.delete(handle)
    if (handles?.size === 0) this.items.delete(this.keys.user(userId))
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

  sweep(deadline: Deadline, limit: number, isRevoked?: (value: unknown) => boolean): SweptBatch {
    this.sweeping ??= this.items.entries()
    const now = this.context.env.now()
    let removed = 0
    for (let looked = 0; looked < limit && this.sweeping; looked++) {
      const { done, value } = this.sweeping.next()
      if (done) this.sweeping = undefined
      else if (this.sweepEntry(deadline, value[0], value[1], now, isRevoked)) removed++
    }
    return { removed, isLast: this.sweeping === undefined }
  }

  private sweepEntry(deadline: Deadline, key: string, value: unknown, now: number, isRevoked?: (value: unknown) => boolean): boolean {
    const entry = this.keys.parse(key)
    if (entry?.kind !== 'session' && entry?.kind !== 'epoch') return false
    const isOver = (endAt(entry.kind, value) ?? Infinity) <= now || (entry.kind === 'session' && isRevoked?.(value) === true)
    if (!isOver) return false
    this.items.delete(key)
    const found = decode(value)
    const userId = entry.kind === 'session' && isAlive(found) ? found.record.userId : undefined
    if (userId !== undefined) this.removeEntry(deadline, entry.handle, userId)
    return true
  }

  private addEntry({ handle, next: { userId }, before }: EntryChange): void {
    if (userId === undefined || userId === before?.userId) return
    const handles = this.handlesOf(userId) ?? new Set()
    this.items.set(this.keys.user(userId), handles.add(handle))
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
