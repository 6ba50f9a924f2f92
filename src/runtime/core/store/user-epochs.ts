import { MAX_LIFETIME_MS } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { Cells } from './backend'
import type { StoreEnvironment } from './context'
import type { StoreKeys } from './keys'
import type { Operation } from './deadline'
import { decode, isAlive, isNothing } from './record'
import type { Found, SessionRecord } from './store'

// Nothing that was bound before outlives it; servers' clocks may differ by a day.
const EPOCH_MS = MAX_LIFETIME_MS + 24 * 60 * 60 * 1000

export interface Epoch {
  number: number
  /** The one session that outlived the last raise. */
  except?: string
  /** As it lies in the store. */
  text?: string
}

/**
 * The users' epochs. One is never lower than the time it was raised at: if a store loses the item (its end, an evicted
 * key, an old backup), the next raise is still above all that was recorded.
 */
export class Epochs {
  constructor(private readonly cells: Cells, private readonly keys: StoreKeys, private readonly env: StoreEnvironment) {}

  of(operation: Operation, userId: string): MaybePromise<Epoch> {
    return andThen(this.cells.get(operation, this.keys.epoch(userId)), parseEpoch)
  }

  /** One session of the user stays, if it is alive at that moment. */
  async raise(operation: Operation, userId: string, exceptIfAlive: string | undefined): Promise<Epoch> {
    for (;;) {
      const before = await this.of(operation, userId)
      const except = exceptIfAlive !== undefined && await this.isOf(operation, exceptIfAlive, userId, before) ? exceptIfAlive : undefined
      const number = Math.max(before.number + 1, Math.trunc(this.env.now()))
      const text = except === undefined ? `${number}` : `"${number} ${except}"`
      const value = { text, until: number + EPOCH_MS }
      if (await this.cells.swap(operation, this.keys.epoch(userId), before.text, value)) return { number, except, text }
      await operation.wait(this.env.random() * 10)
    }
  }

  private async isOf(operation: Operation, handle: string, userId: string, epoch: Epoch): Promise<boolean> {
    const found = decode(await this.cells.get(operation, this.keys.session(handle)))
    if (!isAlive(found) || found.record.expiresAt <= this.env.now()) return false
    return found.record.userId === userId && !isOutdated(found.record, handle, epoch)
  }

  /** A record of an earlier epoch is dead. One that outlived the raise is of the new one, and what replaces it will be. */
  judge(operation: Operation, handle: string, found: Found): MaybePromise<Found> {
    if (!isAlive(found) || found.record.userId === undefined) return found
    return andThen(this.of(operation, found.record.userId), (epoch) => {
      if (isOutdated(found.record, handle, epoch)) return { dead: 'revoked' }
      const isOfIt = (found.record.epoch ?? 0) >= epoch.number
      return isOfIt ? found : { ...found, record: { ...found.record, epoch: epoch.number } }
    })
  }
}

/**
 * Whether a user's record was bound before the last raise. What took the place of the one that outlived it was made
 * before as well, while the raise was under way.
 */
export function isOutdated({ epoch = 0, replaces }: SessionRecord, handle: string, { number, except }: Epoch): boolean {
  return epoch < number && (except === undefined || (handle !== except && replaces !== except))
}

/** When a user's epoch is of no use any more; `undefined` for what is none. */
export function endOfEpoch(raw: unknown): number | undefined {
  const { number } = parseEpoch(raw)
  return number === 0 ? undefined : number + EPOCH_MS
}

// `1763999999999`, or with an exception `"1763999999999 <handle>"`: JSON, for drivers that parse what they return.
function parseEpoch(raw: unknown): Epoch {
  if (isNothing(raw)) return { number: 0 }
  const text = typeof raw === 'object' || typeof raw === 'function' ? '' : String(raw)
  const [digits, except] = text.replaceAll('"', '').split(' ')
  return { number: Number(digits) || 0, except, text }
}
