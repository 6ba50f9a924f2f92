import type { StoreContext } from '../context'
import type { DriverItems } from './generic-items'
import { isDraft, isHandle } from '../keys'
import type { StoreKeys } from '../keys'
import type { Deadline } from '../deadline'
import { isSameText } from '../record'
import { sweepEntry } from './sweep-entry'
import type { SweepAccess } from './sweep-entry'

// Listing all keys is expensive.
const REFILL_AFTER = 10 * 60 * 1000
const DRAFT_MS = 60 * 60 * 1000

/** Sweeps the items in rounds, a few items a call. */
export class GenericSweep implements SweepAccess {
  private round: AsyncGenerator<string> | undefined
  private nextRound = -Infinity
  // Of the present call; a round spans several calls.
  private deadline: Deadline | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: DriverItems) {}

  async next(deadline: Deadline, limit: number): Promise<void> {
    const { env, timeout } = this.context
    // A write that began before the session ended may be pending for as long as the timeout.
    const sweeping = { deadline, keys: this.keys, now: env.now() - timeout, access: this }
    this.deadline = deadline
    this.round ??= this.startRound()
    try {
      for (let looked = 0; looked < limit && this.round; looked++) {
        const { done, value: key } = await this.round.next()
        if (done) this.round = undefined
        else if (isDraft(key.slice(key.lastIndexOf(':') + 1))) await this.removeDraft(deadline, key)
        else await sweepEntry(sweeping, key, await this.items.get(deadline, key))
      }
    }
    catch (error) {
      void this.round?.return(undefined).catch(() => undefined)
      this.round = undefined
      throw error
    }
  }

  async readItem(deadline: Deadline, key: string): Promise<unknown> {
    return this.items.get(deadline, key)
  }

  async removeItem(deadline: Deadline, key: string, found: unknown): Promise<void> {
    const text = typeof found === 'string' ? found : JSON.stringify(found)
    if (isSameText(await this.items.get(deadline, key), text)) await this.items.remove(deadline, key)
  }

  /** Removes a draft that a killed process left. A live one is renamed within moments. */
  private async removeDraft(deadline: Deadline, key: string): Promise<void> {
    const time = await this.items.writtenAt(deadline, key)
    if (time !== undefined && time <= this.context.env.now() - DRAFT_MS) await this.items.remove(deadline, key)
  }

  private startRound(): AsyncGenerator<string> | undefined {
    if (this.items.files !== undefined) return this.walkFiles()
    if (this.context.env.now() < this.nextRound) return undefined
    this.nextRound = this.context.env.now() + REFILL_AFTER
    return this.walkKeys()
  }

  private async* walkKeys(): AsyncGenerator<string> {
    for (const key of await this.items.keys(this.deadline!, this.keys.prefix)) {
      if (this.keys.parse(key) !== undefined) yield key
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
    return this.items.names(() => this.deadline!, parent)
  }

  private async* below(parent: string): AsyncGenerator<string> {
    for await (const name of this.names(parent)) if (isHandle(name) || isDraft(name)) yield parent + name
  }
}
