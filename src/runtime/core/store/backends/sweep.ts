import type { StoreContext } from '../context'
import type { Deadline } from '../deadline'
import { isDraft, isHandle, isUserHash } from '../keys'
import type { StoreEntry, StoreKeys } from '../keys'
import { decode, endOf, isAlive, isNothing, isSameText } from '../record'
import { endOfEpoch } from '../epochs'
import type { SweptBatch } from '../store'
import type { DriverItems } from './generic-items'

// Listing all keys is expensive.
const REFILL_AFTER = 10 * 60 * 1000
// Enough that the sweep does not wait for each file in turn, and few enough for requests to get their turn.
const PARALLEL = 4
const DRAFT_MS = 60 * 60 * 1000

/** Sweeps the items of a generic driver in rounds, a few items a call. */
export class GenericSweep {
  private round: AsyncGenerator<string | undefined> | undefined
  private nextRound = -Infinity
  // The deadline of the current call. A round spans several calls.
  private deadline: Deadline | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly items: DriverItems) {}

  async next(deadline: Deadline, limit: number, isRevoked?: (value: unknown) => boolean): Promise<SweptBatch> {
    const { env, timeout } = this.context
    const sweep: Sweep = {
      keys: this.keys,
      // A write that began before the session ended may be pending for as long as the timeout.
      now: env.now() - timeout,
      isRevoked,
      get: key => this.items.get(deadline, key),
      remove: async (key, found) => {
        const text = typeof found === 'string' ? found : JSON.stringify(found)
        if (found === undefined || isSameText(await this.items.get(deadline, key), text)) await this.items.remove(deadline, key)
      },
    }
    this.deadline = deadline
    this.round ??= this.keysToSweep()
    let removed = 0
    try {
      for (let looked = 0; looked < limit && this.round;) {
        const keys = await this.take(Math.min(PARALLEL, limit - looked))
        const ended = await Promise.all(keys.map(key => this.sweepKey(deadline, sweep, key)))
        removed += ended.filter(Boolean).length
        looked += Math.max(1, keys.length)
        deadline.renew()
      }
      return { removed, isLast: this.round === undefined }
    }
    catch (error) {
      void this.round?.return(undefined).catch(() => undefined)
      this.round = undefined
      throw error
    }
  }

  /** Returns the next keys of the round; fewer at the end of a folder or of the round. */
  private async take(count: number): Promise<string[]> {
    const keys: string[] = []
    while (keys.length < count) {
      const { done, value: key } = await this.round!.next()
      if (done) this.round = undefined
      if (done || key === undefined) break
      keys.push(key)
    }
    return keys
  }

  private async sweepKey(deadline: Deadline, sweep: Sweep, key: string): Promise<boolean> {
    if (!isDraft(key.slice(key.lastIndexOf(':') + 1))) return sweepEntry(sweep, key, await this.items.get(deadline, key))
    await this.removeDraft(deadline, key)
    return false
  }

  /** Removes a draft that a killed process left. A live one is renamed within moments. */
  private async removeDraft(deadline: Deadline, key: string): Promise<void> {
    const time = await this.items.writtenAt(deadline, key)
    if (time !== undefined && time <= this.context.env.now() - DRAFT_MS) await this.items.remove(deadline, key)
  }

  /** Yields `undefined` at the end of a user's folder, and continues when its items were swept. */
  private async* keysToSweep(): AsyncGenerator<string | undefined> {
    const { prefix, users, epochs } = this.keys
    if (this.items.files === undefined) {
      const now = this.context.env.now()
      if (now < this.nextRound) return
      this.nextRound = now + REFILL_AFTER
      for (const key of await this.items.keys(this.deadline!, prefix)) if (this.keys.parse(key)) yield key
      return
    }
    for (const parent of [prefix, `${prefix}dead:`, epochs]) yield* this.below(parent)
    for await (const user of this.names(users)) {
      yield* this.below(`${users}${user}:`)
      yield undefined
      if (isUserHash(user)) await this.items.removeIfEmpty(this.deadline!, `${users}${user}:`)
    }
  }

  private async* below(parent: string): AsyncGenerator<string> {
    for await (const name of this.names(parent)) if (isHandle(name) || isDraft(name)) yield parent + name
  }

  private names(parent: string): AsyncGenerator<string> {
    return this.items.names(() => this.deadline!, parent)
  }
}

interface Sweep {
  keys: StoreKeys
  /** Items that ended by this time are removed. */
  now: number
  isRevoked?: (value: unknown) => boolean
  get: (key: string) => Promise<unknown>
  /** Removes the item; if `found` is given, only if it is still its value. */
  remove: (key: string, found?: unknown) => Promise<unknown>
}

/** Removes an item of the store if it has ended, and returns whether it has. Ignores other items. */
export async function sweepEntry(sweep: Sweep, key: string, value: unknown): Promise<boolean> {
  const { keys } = sweep
  const entry = keys.parse(key)
  if (entry === undefined || isNothing(value) || !await hasEnded(sweep, entry, key, value)) return false
  // A record that a slow writer left beside a tombstone must not outlive the tombstone.
  if (entry.kind === 'tombstone') await removeIfPresent(sweep, keys.session(entry.handle))
  await sweep.remove(key, value)
  const found = decode(value)
  if (entry.kind === 'session' && isAlive(found) && found.record.userId !== undefined)
    await sweep.remove(keys.userSession(found.record.userId, entry.handle))
  return true
}

async function hasEnded({ keys, now, isRevoked, get }: Sweep, entry: StoreEntry, key: string, value: unknown): Promise<boolean> {
  if (entry.kind === 'session' && isRevoked?.(value)) return true
  if (entry.kind !== 'user') return (endAt(entry.kind, value) ?? Infinity) <= now
  // A user's entry contains its session's expiry as of when it was written. The session may have been renewed since.
  if ((typeof value === 'string' || typeof value === 'number') && Number(value) > now) return false
  const found = decode(await get(keys.session(entry.handle)))
  if (!isAlive(found) || found.record.expiresAt <= now) return true
  return found.record.userId === undefined || keys.userSession(found.record.userId, entry.handle) !== key
}

/** Returns when a record, tombstone or epoch ends. */
export function endAt(kind: StoreEntry['kind'] | undefined, value: unknown): number | undefined {
  return kind === 'epoch' ? endOfEpoch(value) : endOf(value)
}

async function removeIfPresent(sweep: Sweep, key: string): Promise<void> {
  const left = await sweep.get(key)
  if (!isNothing(left)) await sweep.remove(key, left)
}
