import type { TombstoneOutcome, StoreBackend, BackendValue } from '../backend'
import { RecordStore } from '../record-store'
import type { StoreContext } from '../context'
import type { StoreKeys } from '../keys'
import type { Deadline } from '../deadline'
import { encodeTimes, fixedTime } from '../record'
import type { RecordTimes } from '../record'
import type { RedisCommands } from './redis-scripts'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'

// An index entry outlives its session a little, because the clocks of other servers may be behind.
const TRIM_AFTER = 60_000

/**
 * Creates a store over the ioredis connection of unstorage's redis driver. Every command uses one key. Redis removes
 * expired records. Sorted sets by expiry index the sessions of each user and all sessions.
 */
export function createRedisStore(context: StoreContext, keys: StoreKeys, commands: RedisCommands): RecordStore {
  const redis = { ...commands, full: keyOf(context) }
  return new RecordStore({ context, keys, backend: new RedisBackend(redis), index: new RedisIndex(context, keys, redis) })
}

interface Redis extends RedisCommands {
  /** The key as the driver sends it. */
  full: (key: string) => string
}

class RedisBackend implements StoreBackend {
  readonly atomicity = 'store'

  constructor(private readonly redis: Redis) {}

  get(deadline: Deadline, key: string): Promise<string | null> {
    return deadline.call(() => this.redis.client.get(this.redis.full(key)))
  }

  async compareAndSet(deadline: Deadline, key: string, expected: string | undefined, { text, until }: BackendValue): Promise<boolean> {
    const { scripts, full } = this.redis
    return 1 === await deadline.call(() => scripts.compareAndSet(full(key), expected ?? '', text, timeOrNone(until)))
  }

  async putTombstone(deadline: Deadline, key: string, { text, until }: BackendValue, expected: string | undefined): Promise<TombstoneOutcome> {
    const { scripts, full } = this.redis
    const answer = await deadline.call(() => scripts.putTombstone(full(key), expected ?? '', text, timeOrNone(until)))
    const [outcome, before] = answer as ['dead' | 'changed' | 'ended', string | null | undefined]
    return outcome === 'ended' ? { before } : outcome
  }

  touch(deadline: Deadline, key: string, times: RecordTimes): Promise<unknown> {
    const { scripts, full } = this.redis
    return deadline.call(() => scripts.touch(full(key), encodeTimes(times), times.lastSeenAt, fixedTime(times.expiresAt).trim()))
  }
}

class RedisIndex implements SessionIndex {
  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly redis: Redis) {}

  async add(deadline: Deadline, handle: string, next: SessionRecord, before?: SessionRecord): Promise<void> {
    const isLater = before === undefined || next.expiresAt > before.expiresAt
    const isBound = next.userId !== undefined && (isLater || next.userId !== before.userId)
    const sets = [...isLater ? [this.keys.all] : [], ...isBound ? [this.keys.user(next.userId!)] : []]
    await Promise.all(sets.map(set => deadline.call(() =>
      this.redis.scripts.add(this.redis.full(set), this.ended(), fixedTime(next.expiresAt).trim(), handle))))
  }

  async removeFromUser(deadline: Deadline, handle: string, userId: string): Promise<void> {
    await deadline.call(() => this.redis.client.zrem(this.redis.full(this.keys.user(userId)), handle))
  }

  async remove(deadline: Deadline, handle: string, userId: string | undefined): Promise<void> {
    await Promise.all([
      deadline.call(() => this.redis.client.zrem(this.redis.full(this.keys.all), handle)),
      userId !== undefined && this.removeFromUser(deadline, handle, userId),
    ])
  }

  async page(deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const set = userId === undefined ? this.keys.all : this.keys.user(userId)
    const [score, after] = this.startOf(cursor)
    const answer = await deadline.call(() => this.redis.scripts.page(this.redis.full(set), score, after, limit)) as string[]
    const handles = answer.filter((_item, place) => place % 2 === 0)
    const isLast = handles.length < limit
    return { handles, cursor: isLast ? undefined : `${answer.at(-1)}-${handles.at(-1)}` }
  }

  count(deadline: Deadline): Promise<number> {
    return deadline.call(() => this.redis.client.zcount(this.redis.full(this.keys.all), String(this.context.env.now()), '+inf'))
  }

  async sweep(deadline: Deadline): Promise<void> {
    await deadline.call(() => this.redis.scripts.trim(this.redis.full(this.keys.all), this.ended()))
  }

  /** A page starts after the cursor, or at the first session that has not expired. */
  private startOf(cursor: string | undefined): [score: number, after: string] {
    const now = Math.trunc(this.context.env.now())
    const [, score, after] = /^(\d{1,13})-([0-9a-f]{64})$/.exec(cursor ?? '') ?? []
    return score === undefined || after === undefined || Number(score) < now ? [now, ''] : [Number(score), after]
  }

  private ended(): number {
    return Math.trunc(this.context.env.now()) - TRIM_AFTER
  }
}

function timeOrNone(until: number | undefined): string {
  return until === undefined ? '' : fixedTime(until).trim()
}

/** Prefixes a key as unstorage's driver does. */
function keyOf({ driver }: StoreContext): (key: string) => string {
  const { base = '' } = (driver.options ?? {}) as { base?: string }
  const name = base.replaceAll(/[:/\\]/g, ':').replaceAll(/^:|:$/g, '')
  return name === '' ? key => key : key => `${name}:${key}`
}
