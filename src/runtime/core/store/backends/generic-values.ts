import type { Burial, Cells, CellValue } from '../backend'
import type { StoreContext } from '../context'
import type { Items } from './generic-items'
import { KeyQueue } from '../key-queue'
import type { StoreKeys } from '../keys'
import { LateWrites } from './late-writes'
import { operate } from '../deadline'
import type { Operation } from '../deadline'
import { decode, isNothing, isSameText } from '../record'
import { endAt } from './sweep-entry'

const TORN_READS = 3
const TORN_PAUSE = 15

/**
 * Steps over a driver that only reads and writes: atomic in this process by a queue for each key. Across processes
 * a later write wins, but what is dead stays dead: the tombstone has a key of its own, comes before the record is
 * removed, and who wrote looks for it again and takes back what was written.
 */
export class ItemCells implements Cells {
  readonly atomicity = 'process'
  private readonly queue = new KeyQueue()
  private readonly late = new LateWrites((key, late, state) => this.restore(key, late, state))

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: Items) {}

  async get(operation: Operation, key: string): Promise<unknown> {
    const [item, tombstone] = await this.look(operation, key)
    return tombstone ?? item
  }

  swap(operation: Operation, key: string, expected: string | undefined, value: CellValue): Promise<boolean> {
    return this.inTurn(operation, key, async () => {
      const [item, tombstone] = await this.look(operation, key)
      if (!isNothing(tombstone) || !isSameText(item, expected)) return false
      await this.write(operation, key, value, expected)
      if (isNothing(await this.tombstone(operation, key))) return true
      await this.remove(operation, key)
      return false
    })
  }

  bury(operation: Operation, key: string, tombstone: CellValue, expected: string | undefined): Promise<Burial> {
    return this.inTurn(operation, key, async () => {
      const [before, earlier] = await this.look(operation, key)
      if (!isNothing(earlier)) return 'dead'
      if (expected !== undefined && !isSameText(before, expected)) return 'changed'
      await this.items.set(operation, this.tombstoneKey(key)!, tombstone)
      // It is dead by now. Where this fails, who looks next or the sweep removes it.
      await this.remove(operation, key).catch(() => undefined)
      return { before }
    })
  }

  private inTurn<T>(operation: Operation, key: string, task: () => Promise<T>): Promise<T> {
    return operation.within(() => this.queue.run(key, task))
  }

  /** The item and its tombstone. What is found beside a tombstone was written by who did not know yet. */
  private async look(operation: Operation, key: string): Promise<[item: unknown, tombstone: unknown]> {
    const [item, tombstone] = await Promise.all([this.item(operation, key), this.tombstone(operation, key)])
    if (!isNothing(item) && !isNothing(tombstone)) await this.remove(operation, key).catch(() => undefined)
    return [item, tombstone]
  }

  private async item(operation: Operation, key: string): Promise<unknown> {
    let item = await this.items.get(operation, key)
    if (!this.items.isTorn || this.tombstoneKey(key) === undefined) return item
    for (let read = 1; read < TORN_READS && isTorn(item); read++) {
      await operation.wait(TORN_PAUSE)
      item = await this.items.get(operation, key)
    }
    return item
  }

  private async tombstone(operation: Operation, key: string): Promise<unknown> {
    const tombstoneKey = this.tombstoneKey(key)
    return tombstoneKey === undefined ? undefined : this.items.get(operation, tombstoneKey)
  }

  private tombstoneKey(key: string): string | undefined {
    const entry = this.keys.read(key)
    return entry?.kind === 'session' ? this.keys.tombstone(entry.handle) : undefined
  }

  private async write(operation: Operation, key: string, value: CellValue, before: string | undefined): Promise<void> {
    const writing: { pending?: Promise<void> } = {}
    try {
      await operation.call(() => writing.pending = this.items.write(key, value))
      this.late.note(key, value.text)
    }
    catch (error) {
      if (operation.isOver && writing.pending) this.late.expect(key, writing.pending, value.text, before)
      throw error
    }
  }

  private async remove(operation: Operation, key: string): Promise<void> {
    await this.items.remove(operation, key)
    this.late.note(key, undefined)
  }

  private restore(key: string, late: string, state: string | undefined): Promise<void> {
    return operate(this.context, operation => this.inTurn(operation, key, async () => {
      const [item, tombstone] = await this.look(operation, key)
      if (!isNothing(tombstone) || !isSameText(item, late)) return
      if (state === undefined) await this.items.remove(operation, key)
      else await this.items.set(operation, key, { text: state, until: endAt(this.keys, key, state) })
    }))
  }
}

function isTorn(item: unknown): boolean {
  const found = decode(item)
  return found !== undefined && 'malformed' in found
}
