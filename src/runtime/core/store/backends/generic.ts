import type { BackendValue, EntryChange, HandlePage, StoreBackend, WriteOutcome } from '../backend'
import type { StoreContext } from '../context'
import { withDeadline } from '../deadline'
import type { Deadline } from '../deadline'
import { KeyQueue } from '../key-queue'
import { isHandle } from '../keys'
import type { StoreKeys } from '../keys'
import { decode, isNothing, isSameText } from '../record'
import type { SweptBatch } from '../store'
import { FirstHandles } from './first-handles'
import { DriverItems } from './generic-items'
import { endAt, GenericSweep } from './sweep'

const TORN_READS = 3
const TORN_PAUSE = 15

/**
 * A backend over a driver without atomic steps, such as `fs`. In one process, a queue for each key makes them atomic.
 * Across processes the last write wins, but an ended session stays ended: a tombstone has its own key and is written
 * before the record is removed. A writer checks for a tombstone after writing and rolls back if it finds one.
 * Listing or counting the sessions of all users reads all keys.
 */
export class GenericBackend implements StoreBackend {
  readonly atomicity = 'process'
  private readonly queue: KeyQueue
  /** For each key with writes that missed their deadline: how many are pending, and the value that it should have. */
  private readonly late = new Map<string, { pending: number, state: string | undefined }>()
  private readonly items: DriverItems
  private readonly genericSweep: GenericSweep

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys) {
    this.queue = new KeyQueue(context.env.now)
    this.items = new DriverItems(context)
    this.genericSweep = new GenericSweep(context, keys, this.items)
  }

  async get(deadline: Deadline, key: string): Promise<unknown> {
    const [item, tombstone] = await this.getWithTombstone(deadline, key)
    return tombstone ?? item
  }

  getAll(deadline: Deadline, keys: string[]): Promise<unknown[]> {
    return Promise.all(keys.map(key => this.get(deadline, key)))
  }

  async compareAndSet(deadline: Deadline, key: string, expected: string | undefined, value: BackendValue, change?: EntryChange): Promise<WriteOutcome> {
    if (change !== undefined) await this.addEntry(deadline, change)
    return this.enqueue(deadline, key, async () => {
      const [item, tombstone] = await this.getWithTombstone(deadline, key)
      if (!isNothing(tombstone) || !isSameText(item, expected)) return { found: tombstone ?? item }
      await this.write(deadline, key, value, expected)
      const tombstoneKey = this.tombstoneKey(key)
      const found = tombstoneKey === undefined ? undefined : await this.items.get(deadline, tombstoneKey)
      if (isNothing(found)) return { before: item }
      await this.remove(deadline, key)
      return { found }
    })
  }

  putTombstone(deadline: Deadline, key: string, { text, until }: BackendValue, expected: string | undefined): Promise<WriteOutcome> {
    return this.enqueue(deadline, key, async () => {
      const [before, earlier] = await this.getWithTombstone(deadline, key)
      if (!isNothing(earlier)) return { found: earlier }
      if (expected !== undefined && !isSameText(before, expected)) return { found: before }
      const put = () => this.items.set(deadline, this.tombstoneKey(key)!, text, until)
      try {
        await put().catch(put)
      }
      catch {
        // A full disk still removes the record, which ends the session in all processes that are not writing it.
        await this.remove(deadline, key)
        return { before }
      }
      // The tombstone counts already. If this fails, the next read or the sweep removes the record.
      await this.remove(deadline, key).catch(() => undefined)
      return { before }
    })
  }

  /** Where a read may find an item half written, a tombstone is written only once. */
  async replaceTombstone(deadline: Deadline, key: string, expected: string, tombstone: BackendValue): Promise<WriteOutcome> {
    return this.items.hasTornReads ? { found: undefined } : this.compareAndSet(deadline, this.tombstoneKey(key)!, expected, tombstone)
  }

  removeEntry(deadline: Deadline, handle: string, userId: string): Promise<void> {
    return this.items.remove(deadline, this.keys.userSession(userId, handle))
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

  sweep(deadline: Deadline, limit: number, isRevoked?: (value: unknown) => boolean): Promise<SweptBatch> {
    return this.genericSweep.next(deadline, limit, isRevoked)
  }

  /** Also writes if only the expiry changes: a driver with a TTL would drop the item before its session. */
  private async addEntry(deadline: Deadline, { handle, next: { userId, expiresAt }, before }: EntryChange): Promise<void> {
    if (userId === undefined) return
    if (before !== undefined && before.userId === userId && expiresAt <= before.expiresAt) return
    await this.items.set(deadline, this.keys.userSession(userId, handle), `${expiresAt}`, expiresAt)
  }

  private enqueue<T>(deadline: Deadline, key: string, task: () => Promise<T>): Promise<T> {
    return deadline.within(() => this.queue.run(key, task))
  }

  /** Removes an item beside a tombstone: its writer had not seen the tombstone yet. */
  private async getWithTombstone(deadline: Deadline, key: string): Promise<[item: unknown, tombstone: unknown]> {
    const tombstoneKey = this.tombstoneKey(key)
    if (tombstoneKey === undefined) return [await this.items.get(deadline, key), undefined]
    const [item, tombstone] = await Promise.all([this.getRecord(deadline, key), this.items.get(deadline, tombstoneKey)])
    if (!isNothing(item) && !isNothing(tombstone)) await this.remove(deadline, key).catch(() => undefined)
    return [item, tombstone]
  }

  private async getRecord(deadline: Deadline, key: string): Promise<unknown> {
    for (let read = 1; ; read++) {
      const item = await this.items.get(deadline, key)
      const isTorn = this.items.hasTornReads && 'malformed' in (decode(item) ?? {})
      if (!isTorn || read === TORN_READS) return item
      await deadline.wait(TORN_PAUSE)
    }
  }

  private tombstoneKey(key: string): string | undefined {
    const entry = this.keys.parse(key)
    return entry?.kind === 'session' ? this.keys.tombstone(entry.handle) : undefined
  }

  private async write(deadline: Deadline, key: string, { text, until }: BackendValue, before: string | undefined): Promise<void> {
    const writing: { pending?: Promise<void> } = {}
    try {
      await deadline.call(() => writing.pending = this.items.write(key, text, until))
      this.noteState(key, text)
    }
    catch (error) {
      if (deadline.hasPassed && writing.pending) void this.watchLate(key, writing.pending, text, before)
      throw error
    }
  }

  private async remove(deadline: Deadline, key: string): Promise<void> {
    await this.items.remove(deadline, key)
    this.noteState(key, undefined)
  }

  private noteState(key: string, state: string | undefined): void {
    const entry = this.late.get(key)
    if (entry !== undefined) entry.state = state
  }

  /** A write of `late` over `before` missed its deadline. If it still happens, it may overwrite a newer value. */
  private async watchLate(key: string, pending: Promise<void>, late: string, before: string | undefined): Promise<void> {
    const entry = this.late.get(key) ?? { pending: 0, state: before }
    entry.pending++
    this.late.set(key, entry)
    try {
      await pending
      await this.restore(key, late, entry.state)
    }
    catch {
      // Nothing was written, or the late value stays, as it does if the process ends at this moment.
    }
    entry.pending--
    if (entry.pending === 0) this.late.delete(key)
  }

  private restore(key: string, late: string, state: string | undefined): Promise<void> {
    return withDeadline(this.context, deadline => this.enqueue(deadline, key, async () => {
      const [item, tombstone] = await this.getWithTombstone(deadline, key)
      if (!isNothing(tombstone) || !isSameText(item, late)) return
      if (state === undefined) await this.items.remove(deadline, key)
      else await this.items.set(deadline, key, state, endAt(this.keys.parse(key)?.kind, state))
    }))
  }
}
