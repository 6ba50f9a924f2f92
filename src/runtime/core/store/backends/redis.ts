import type { Burial, Cells, CellValue } from '../backend'
import { CellStore } from '../record-store'
import type { StoreContext } from '../context'
import type { StoreKeys } from '../keys'
import type { Operation } from '../deadline'
import { encodeTimes, fixedTime } from '../record'
import type { RecordTimes } from '../record'
import type { RedisCommands } from './redis-scripts'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'

// Other servers' clocks may be behind: an entry goes a while after its session.
const TRIM_AFTER = 60_000

/**
 * A store over the ioredis connection of unstorage's redis driver. Every command is about one key. What ends is
 * removed by Redis; two sorted sets by expiry name the sessions of a user and those of everybody.
 */
export function createRedisStore(context: StoreContext, keys: StoreKeys, commands: RedisCommands): CellStore {
  const redis = { ...commands, full: keyOf(context) }
  return new CellStore({ context, keys, cells: new RedisCells(redis), index: new RedisIndex(context, keys, redis) })
}

interface Redis extends RedisCommands {
  /** The key as the driver sends it. */
  full: (key: string) => string
}

class RedisCells implements Cells {
  readonly atomicity = 'store'

  constructor(private readonly redis: Redis) {}

  get(operation: Operation, key: string): Promise<string | null> {
    return operation.call(() => this.redis.client.get(this.redis.full(key)))
  }

  async swap(operation: Operation, key: string, expected: string | undefined, { text, until }: CellValue): Promise<boolean> {
    const { scripts, full } = this.redis
    return 1 === await operation.call(() => scripts.swap(full(key), expected ?? '', text, timeOrNone(until)))
  }

  async bury(operation: Operation, key: string, { text, until }: CellValue, expected: string | undefined): Promise<Burial> {
    const { scripts, full } = this.redis
    const answer = await operation.call(() => scripts.bury(full(key), expected ?? '', text, timeOrNone(until)))
    const [outcome, before] = answer as ['dead' | 'changed' | 'buried', string | null | undefined]
    return outcome === 'buried' ? { before } : outcome
  }

  touch(operation: Operation, key: string, times: RecordTimes): Promise<unknown> {
    const { scripts, full } = this.redis
    return operation.call(() => scripts.touch(full(key), encodeTimes(times), times.lastSeenAt, fixedTime(times.expiresAt).trim()))
  }
}

class RedisIndex implements SessionIndex {
  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly redis: Redis) {}

  async enter(operation: Operation, handle: string, next: SessionRecord, before?: SessionRecord): Promise<void> {
    const isLater = before === undefined || next.expiresAt > before.expiresAt
    const isBound = next.userId !== undefined && (isLater || next.userId !== before.userId)
    const sets = [...isLater ? [this.keys.all] : [], ...isBound ? [this.keys.user(next.userId!)] : []]
    await Promise.all(sets.map(set => operation.call(() =>
      this.redis.scripts.enter(this.redis.full(set), this.ended(), fixedTime(next.expiresAt).trim(), handle))))
  }

  async leaveUser(operation: Operation, handle: string, userId: string): Promise<void> {
    await operation.call(() => this.redis.client.zrem(this.redis.full(this.keys.user(userId)), handle))
  }

  async leave(operation: Operation, handle: string, userId: string | undefined): Promise<void> {
    await Promise.all([
      operation.call(() => this.redis.client.zrem(this.redis.full(this.keys.all), handle)),
      userId !== undefined && this.leaveUser(operation, handle, userId),
    ])
  }

  async page(operation: Operation, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const set = userId === undefined ? this.keys.all : this.keys.user(userId)
    const [score, after] = this.startOf(cursor)
    const answer = await operation.call(() => this.redis.scripts.page(this.redis.full(set), score, after, limit)) as string[]
    const handles = answer.filter((_item, place) => place % 2 === 0)
    const isLast = handles.length < limit
    return { handles, cursor: isLast ? undefined : `${answer.at(-1)}-${handles.at(-1)}` }
  }

  count(operation: Operation): Promise<number> {
    return operation.call(() => this.redis.client.zcount(this.redis.full(this.keys.all), String(this.context.env.now()), '+inf'))
  }

  async sweep(operation: Operation): Promise<void> {
    await operation.call(() => this.redis.scripts.trim(this.redis.full(this.keys.all), this.ended()))
  }

  /** Where a page starts: at what ends from now on, or after the cursor. */
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

/** As unstorage's driver names its keys. */
function keyOf({ driver }: StoreContext): (key: string) => string {
  const { base = '' } = (driver.options ?? {}) as { base?: string }
  const name = base.replaceAll(/[:/\\]/g, ':').replaceAll(/^:|:$/g, '')
  return name === '' ? key => key : key => `${name}:${key}`
}
