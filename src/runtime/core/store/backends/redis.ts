import type { MaybePromise } from '../../utils/maybe-promise'
import type { BackendValue, EndedEntry, EntryChange, HandlePage, StoreBackend, WriteOutcome } from '../backend'
import type { StoreContext } from '../context'
import type { Deadline } from '../deadline'
import type { StoreKeys } from '../keys'
import { TOMBSTONE_MS } from '../../model/lifetimes'
import { decode, encodeTimes, encodeTombstone, fixedTime, isAlive } from '../record'
import type { RecordTimes, SweptBatch } from '../store'
import { RedisConnection } from './redis-connection'
import type { Script } from './redis-connection'
import { cursorOf, entriesOf, entryEnd, firstAlive, parseCursor, setsToWrite, stepOf } from './redis-index'
import type { IndexEntry } from './redis-index'
import { COPY_SUFFIXES } from './redis-slots'
import { SilentConnections } from './silent-connections'

type Values = (string | number)[]

// A bound for the memory of a long outage.
const MAX_MISSED = 1000

/**
 * A backend over the ioredis connection of unstorage's redis driver. Redis removes expired records. Sorted sets by
 * expiry index the sessions of each user, and all sessions in shards. A record and its index change in one step; on a
 * cluster, where their keys are on several nodes, in one command for each key.
 */
export class RedisBackend implements StoreBackend {
  readonly atomicity = 'store'
  readonly removesEntries = true
  private readonly redis: RedisConnection
  private readonly connections: SilentConnections
  /** Entries that a node did not take, by handle. */
  private readonly missed = new Map<string, IndexEntry>()
  private sweptShards = 0
  /** Where to go on in the shard that is being swept. */
  private sweptEntry: IndexEntry | undefined

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, connection: MaybePromise<unknown>) {
    const { base } = (context.driver.options ?? {}) as { base?: string }
    this.redis = new RedisConnection(connection, base)
    this.connections = new SilentConnections(context.env, connection)
  }

  get(deadline: Deadline, key: string): Promise<unknown> {
    return deadline.call(() => this.redis.run('get', [key]))
  }

  async getAll(deadline: Deadline, keys: string[]): Promise<unknown[]> {
    const all = await deadline.call(() => this.redis.together(keys, () => this.redis.run('mget', keys)))
    if (all !== undefined) return all as unknown[]
    const { appEpoch } = this.keys
    const [first = appEpoch] = keys.filter(key => key !== appEpoch)
    return Promise.all(keys.map(key => this.get(deadline, key === appEpoch ? appEpoch + this.redis.copyNextTo(first) : key)))
  }

  /** On a cluster, each session reads the app's epoch next to its own key: no master has all these reads, or stops other sessions if it is down. */
  async copyAppEpoch(deadline: Deadline, { text, until }: BackendValue, isEarlier: (value: unknown) => boolean): Promise<void> {
    const copies = COPY_SUFFIXES.map(suffix => this.keys.appEpoch + suffix)
    // The first command with several keys shows whether this is a cluster.
    const isOneNode = await deadline.call(() => this.redis.together(copies, () => this.redis.run('mget', copies)))
    if (isOneNode !== undefined) return
    await Promise.all(copies.map(async (copy) => {
      for (let found = await this.get(deadline, copy); isEarlier(found);) {
        const outcome = await this.compareAndSet(deadline, copy, found as string | undefined ?? undefined, { text, until, isEnding: true })
        if ('before' in outcome) return
        found = outcome.found
      }
    }))
  }

  async compareAndSet(deadline: Deadline, key: string, expected: string | undefined, { text, until, isEnding }: BackendValue, change?: EntryChange): Promise<WriteOutcome> {
    return outcomeOf(await this.write(deadline, 'h3session:compareAndSet', key, change, [expected ?? '', text, trimmedTime(until), isEnding ? 1 : 0]))
  }

  touch(deadline: Deadline, key: string, times: RecordTimes, change: EntryChange): Promise<unknown> {
    return this.write(deadline, 'h3session:touch', key, change, [encodeTimes(times), times.lastSeenAt, trimmedTime(times.expiresAt)])
  }

  async putTombstone(deadline: Deadline, key: string, { text, until }: BackendValue, expected: string | undefined, { handle, userId }: EndedEntry): Promise<WriteOutcome> {
    const sets = [this.keys.shard(handle), ...userId === undefined ? [] : [this.keys.user(userId)]]
    const put = (keys: string[]) => this.redis.script('h3session:putTombstone', keys, handle, expected ?? '', text, trimmedTime(until))
    const answer = await deadline.call(() => this.redis.together([key, ...sets], () => put([key, ...sets])))
    if (answer !== undefined) return outcomeOf(answer)
    const outcome = outcomeOf(await deadline.call(() => put([key])))
    // The session has ended. Nobody waits for the nodes of its entries.
    if ('before' in outcome) for (const set of sets) void this.redis.script('h3session:remove', [set], handle).catch(() => undefined)
    return outcome
  }

  async removeEntry(deadline: Deadline, handle: string, userId: string): Promise<void> {
    await deadline.call(() => this.redis.script('h3session:remove', [this.keys.user(userId)], handle))
  }

  async page(deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const after = parseCursor(cursor)
    const sets = userId === undefined ? this.keys.shards : [this.keys.user(userId)]
    const first = after === undefined ? 0 : Math.max(0, sets.indexOf(this.keys.shard(after.handle)))
    let entries = await this.pageOf(deadline, sets[first]!, after, limit)
    // Shards have about as many entries each: if one had too few, twice as many are read at once.
    for (let next = first + 1, count = 1; next < sets.length && entries.length < limit; next += count, count *= 2) {
      const missing = limit - entries.length
      const pages = await Promise.all(sets.slice(next, next + count).map(set => this.pageOf(deadline, set, undefined, missing)))
      entries = entries.concat(...pages)
    }
    entries = entries.slice(0, limit)
    return { handles: entries.map(({ handle }) => handle), cursor: entries.length < limit ? undefined : cursorOf(entries.at(-1)!) }
  }

  async count(deadline: Deadline): Promise<number> {
    const first = firstAlive(this.context.env.now())
    const counts = await Promise.all(this.keys.shards.map(shard => deadline.call(() => this.redis.run('zcount', [shard], first, '+inf')) as Promise<number>))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async sweep(deadline: Deadline, limit: number, isRevoked?: (value: unknown) => boolean): Promise<SweptBatch> {
    for (const entry of this.missed.values()) this.renew(entry)
    const { shards } = this.keys
    const shard = shards[this.sweptShards % shards.length]!
    const trimmed = await deadline.call(() => this.redis.script('h3session:trim', [shard], stepOf(this.context.env.now()))) as number
    // The app's epoch may have ended in the middle of a shard.
    if (isRevoked === undefined) this.sweptEntry = undefined
    const removed = trimmed + (isRevoked === undefined ? 0 : await this.endRevoked(deadline, shard, limit, isRevoked))
    if (this.sweptEntry === undefined) this.sweptShards++
    return { removed, isLast: this.sweptEntry === undefined && this.sweptShards % shards.length === 0 }
  }

  /** Replaces records by tombstones, which end sooner. Goes on in the same shard until it was checked. */
  private async endRevoked(deadline: Deadline, shard: string, limit: number, isRevoked: (value: unknown) => boolean): Promise<number> {
    const entries = await this.pageOf(deadline, shard, this.sweptEntry, limit)
    this.sweptEntry = entries.length < limit ? undefined : entries.at(-1)
    if (entries.length === 0) return 0
    const until = this.context.env.now() + TOMBSTONE_MS
    const text = encodeTombstone({ reason: 'revoked', until })
    const values = await this.getAll(deadline, entries.map(({ handle }) => this.keys.session(handle)))
    const revoked = entries.flatMap(({ handle }, at) => isRevoked(values[at]) ? [{ handle, value: values[at] as string }] : [])
    await Promise.all(revoked.map(({ handle, value }) => {
      const found = decode(value)
      return this.putTombstone(deadline, this.keys.session(handle), { text, until }, value, { handle, userId: isAlive(found) ? found.record.userId : undefined })
    }))
    return revoked.length
  }

  noteTimeout(timeout: number): void {
    void this.connections.check(timeout)
  }

  /** Writes a record and its entries. */
  private async write(deadline: Deadline, script: Script, key: string, change: EntryChange | undefined, values: Values): Promise<unknown> {
    const sets = change === undefined ? [] : setsToWrite(this.keys, change)
    const entry = change === undefined ? ['', '', ''] : this.entryValues({ handle: change.handle, end: entryEnd(change.next) })
    const run = (keys: string[]) => this.redis.script(script, keys, ...entry, ...values)
    const answer = await deadline.call(() => this.redis.together([key, ...sets], () => run([key, ...sets])))
    if (answer !== undefined) return answer
    await this.addEntries(deadline, sets, change!)
    return deadline.call(() => run([key]))
  }

  /** On a cluster. A renewed session has an entry in its shard, so its write does not wait for the node of the shard. */
  private async addEntries(deadline: Deadline, sets: string[], { handle, next, before }: EntryChange): Promise<void> {
    const entry = { handle, end: entryEnd(next) }
    const shard = this.keys.shard(handle)
    const isRenewal = before !== undefined && sets.includes(shard)
    if (isRenewal) this.renew(entry)
    const awaited = isRenewal ? sets.filter(set => set !== shard) : sets
    await Promise.all(awaited.map(set => deadline.call(() => this.redis.script('h3session:add', [set], ...this.entryValues(entry)))))
  }

  /** Renews an entry in its shard. If this fails, the sweep tries again. */
  private renew(entry: IndexEntry): void {
    const { handle } = entry
    this.redis.script('h3session:add', [this.keys.shard(handle)], ...this.entryValues(entry)).then(() => {
      if (this.missed.get(handle) === entry) this.missed.delete(handle)
    }, () => {
      if (this.missed.size < MAX_MISSED) this.missed.set(handle, entry)
    })
  }

  private async pageOf(deadline: Deadline, set: string, after: IndexEntry | undefined, limit: number): Promise<IndexEntry[]> {
    const first = firstAlive(this.context.env.now())
    const { end, handle } = after === undefined || after.end < first ? { end: first, handle: '' } : after
    return entriesOf(await deadline.call(() => this.redis.script('h3session:page', [set], end, handle, limit)) as string[])
  }

  private entryValues({ handle, end }: IndexEntry): Values {
    return [handle, end, stepOf(this.context.env.now())]
  }
}

function outcomeOf(answer: unknown): WriteOutcome {
  const [isWritten, value] = answer as [0 | 1, string | null | undefined]
  return isWritten === 1 ? { before: value } : { found: value }
}

function trimmedTime(time: number): string {
  return fixedTime(time).trim()
}
