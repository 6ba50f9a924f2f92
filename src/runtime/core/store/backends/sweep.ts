import type { StoreContext } from '../context'
import type { Items } from './generic-items'
import { isDraft, isHandle } from '../keys'
import type { StoreKeys } from '../keys'
import type { Operation } from '../deadline'
import { isSameText } from '../record'
import { sweepEntry } from './sweep-entry'
import type { Removals } from './sweep-entry'

// A driver's list of keys is long and made at once: rarely.
const REFILL_AFTER = 10 * 60 * 1000
const DRAFT_MS = 60 * 60 * 1000

/** Goes through the items a few at a time, round after round. */
export class ItemSweep implements Removals {
  private round: AsyncGenerator<string> | undefined
  private nextRound = -Infinity
  // The call that the round's next step belongs to.
  private operation: Operation | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: Items) {}

  async next(operation: Operation, limit: number): Promise<void> {
    const { env, timeout } = this.context
    // A write that read an item before it ended may take as long as this to arrive.
    const sweeping = { operation, keys: this.keys, now: env.now() - timeout, removals: this }
    this.operation = operation
    this.round ??= this.startRound()
    try {
      for (let looked = 0; looked < limit && this.round; looked++) {
        const { done, value: key } = await this.round.next()
        if (done) this.round = undefined
        else if (isDraft(key.slice(key.lastIndexOf(':') + 1))) await this.removeDraft(operation, key)
        else await sweepEntry(sweeping, key, await this.items.get(operation, key))
      }
    }
    catch (error) {
      void this.round?.return(undefined).catch(() => undefined)
      this.round = undefined
      throw error
    }
  }

  async read(operation: Operation, key: string): Promise<unknown> {
    return this.items.get(operation, key)
  }

  async remove(operation: Operation, key: string, found: unknown): Promise<void> {
    const text = typeof found === 'string' ? found : JSON.stringify(found)
    if (isSameText(await this.items.get(operation, key), text)) await this.items.remove(operation, key)
  }

  /** What a writer left behind that was killed. One that is at work is done within moments. */
  private async removeDraft(operation: Operation, key: string): Promise<void> {
    const time = await this.items.writtenAt(operation, key)
    if (time !== undefined && time <= this.context.env.now() - DRAFT_MS) await this.items.remove(operation, key)
  }

  private startRound(): AsyncGenerator<string> | undefined {
    if (this.items.files !== undefined) return this.walkFiles()
    if (this.context.env.now() < this.nextRound) return undefined
    this.nextRound = this.context.env.now() + REFILL_AFTER
    return this.walkKeys()
  }

  private async* walkKeys(): AsyncGenerator<string> {
    for (const key of await this.items.keys(this.operation!, this.keys.prefix)) {
      if (this.keys.read(key) !== undefined) yield key
    }
  }

  private async* walkFiles(): AsyncGenerator<string> {
    const { prefix, users, epochs } = this.keys
    yield* this.below(prefix)
    yield* this.below(`${prefix}dead:`)
    yield* this.below(epochs)
    for await (const user of this.names(users)) yield* this.below(`${users}${user}:`)
  }

  private names(parent: string): AsyncGenerator<string> {
    return this.items.names(() => this.operation!, parent)
  }

  private async* below(parent: string): AsyncGenerator<string> {
    for await (const name of this.names(parent)) if (isHandle(name) || isDraft(name)) yield parent + name
  }
}
