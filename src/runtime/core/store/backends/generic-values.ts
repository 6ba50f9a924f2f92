import type { TombstoneOutcome, StoreBackend, BackendValue } from '../backend'
import type { StoreContext } from '../context'
import type { DriverItems } from './generic-items'
import { KeyQueue } from '../record-store'
import type { StoreKeys } from '../keys'
import { LateWrites } from './late-writes'
import { withDeadline } from '../deadline'
import type { Deadline } from '../deadline'
import { decode, isNothing, isSameText } from '../record'
import { endAt } from './sweep-entry'

const TORN_READS = 3
const TORN_PAUSE = 15

/**
 * A backend over a driver without atomic steps. In one process, a queue for each key makes them atomic. Across
 * processes the last write wins, but an ended session stays ended: a tombstone has its own key and is written before
 * the record is removed. A writer checks for a tombstone after writing and rolls back if it finds one.
 */
export class GenericBackend implements StoreBackend {
  readonly atomicity = 'process'
  private readonly queue = new KeyQueue()
  private readonly late = new LateWrites((key, late, state) => this.restore(key, late, state))

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: DriverItems) {}

  async get(deadline: Deadline, key: string): Promise<unknown> {
    const [item, tombstone] = await this.getWithTombstone(deadline, key)
    return tombstone ?? item
  }

  compareAndSet(deadline: Deadline, key: string, expected: string | undefined, value: BackendValue): Promise<boolean> {
    return this.enqueue(deadline, key, async () => {
      const [item, tombstone] = await this.getWithTombstone(deadline, key)
      if (!isNothing(tombstone) || !isSameText(item, expected)) return false
      await this.write(deadline, key, value, expected)
      if (isNothing(await this.getTombstone(deadline, key))) return true
      await this.remove(deadline, key)
      return false
    })
  }

  putTombstone(deadline: Deadline, key: string, tombstone: BackendValue, expected: string | undefined): Promise<TombstoneOutcome> {
    return this.enqueue(deadline, key, async () => {
      const [before, earlier] = await this.getWithTombstone(deadline, key)
      if (!isNothing(earlier)) return 'dead'
      if (expected !== undefined && !isSameText(before, expected)) return 'changed'
      await this.items.set(deadline, this.tombstoneKey(key)!, tombstone)
      // The tombstone counts already. If this fails, the next read or the sweep removes the record.
      await this.remove(deadline, key).catch(() => undefined)
      return { before }
    })
  }

  private enqueue<T>(deadline: Deadline, key: string, task: () => Promise<T>): Promise<T> {
    return deadline.within(() => this.queue.run(key, task))
  }

  /** Removes an item beside a tombstone: its writer had not seen the tombstone yet. */
  private async getWithTombstone(deadline: Deadline, key: string): Promise<[item: unknown, tombstone: unknown]> {
    const [item, tombstone] = await Promise.all([this.getItem(deadline, key), this.getTombstone(deadline, key)])
    if (!isNothing(item) && !isNothing(tombstone)) await this.remove(deadline, key).catch(() => undefined)
    return [item, tombstone]
  }

  private async getItem(deadline: Deadline, key: string): Promise<unknown> {
    let item = await this.items.get(deadline, key)
    if (!this.items.hasTornReads || this.tombstoneKey(key) === undefined) return item
    for (let read = 1; read < TORN_READS && isMalformed(item); read++) {
      await deadline.wait(TORN_PAUSE)
      item = await this.items.get(deadline, key)
    }
    return item
  }

  private async getTombstone(deadline: Deadline, key: string): Promise<unknown> {
    const tombstoneKey = this.tombstoneKey(key)
    return tombstoneKey === undefined ? undefined : this.items.get(deadline, tombstoneKey)
  }

  private tombstoneKey(key: string): string | undefined {
    const entry = this.keys.parse(key)
    return entry?.kind === 'session' ? this.keys.tombstone(entry.handle) : undefined
  }

  private async write(deadline: Deadline, key: string, value: BackendValue, before: string | undefined): Promise<void> {
    const writing: { pending?: Promise<void> } = {}
    try {
      await deadline.call(() => writing.pending = this.items.write(key, value))
      this.late.noteState(key, value.text)
    }
    catch (error) {
      if (deadline.hasPassed && writing.pending) this.late.watch(key, writing.pending, value.text, before)
      throw error
    }
  }

  private async remove(deadline: Deadline, key: string): Promise<void> {
    await this.items.remove(deadline, key)
    this.late.noteState(key, undefined)
  }

  private restore(key: string, late: string, state: string | undefined): Promise<void> {
    return withDeadline(this.context, deadline => this.enqueue(deadline, key, async () => {
      const [item, tombstone] = await this.getWithTombstone(deadline, key)
      if (!isNothing(tombstone) || !isSameText(item, late)) return
      if (state === undefined) await this.items.remove(deadline, key)
      else await this.items.set(deadline, key, { text: state, until: endAt(this.keys, key, state) })
    }))
  }
}

function isMalformed(item: unknown): boolean {
  const found = decode(item)
  return found !== undefined && 'malformed' in found
}
