import { andThen } from '../../utils/maybe-promise'
import type { MaybePromise } from '../../utils/maybe-promise'
import type { BackendValue, HandlePage, StoreBackend, WriteOutcome } from '../backend'
import type { StoreContext } from '../context'
import type { Deadline } from '../deadline'
import type { StoreKeys } from '../keys'
import { encodeTimes, fixedTime } from '../record'
import type { RecordTimes, SessionRecord } from '../store'
import { REDIS_SCRIPTS } from './redis-scripts'

// An index entry outlives its session a little, because the clocks of other servers may be behind.
const TRIM_AFTER = 60_000

/** An ioredis connection, or cluster of them. */
interface RedisClient { defineCommand: (name: string, definition: { numberOfKeys: number, lua: string }) => void }

type Command = 'get' | 'zrem' | 'zcount' | keyof typeof REDIS_SCRIPTS
type Commands = Record<Command, (key: string, ...values: (string | number)[]) => Promise<unknown>>

/**
 * A backend over the ioredis connection of unstorage's redis driver. Every command uses one key. Redis removes expired
 * records. Sorted sets by expiry index the sessions of each user and all sessions.
 */
export class RedisBackend implements StoreBackend {
  readonly atomicity = 'store'
  private readonly commands: MaybePromise<Commands>
  private readonly prefix: string

  /** In unstorage 2, the connection is a promise. Each command waits for it and rejects with its failure. */
  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, connection: MaybePromise<unknown>) {
    this.commands = andThen(connection, commandsOf)
    if (this.commands instanceof Promise) this.commands.catch(() => undefined)
    // As the driver prefixes its keys.
    const { base = '' } = (context.driver.options ?? {}) as { base?: string }
    const name = base.replaceAll(/[:/\\]/g, ':').replaceAll(/^:|:$/g, '')
    this.prefix = name === '' ? '' : `${name}:`
  }

  get(deadline: Deadline, key: string): Promise<unknown> {
    return this.run(deadline, 'get', key)
  }

  async compareAndSet(deadline: Deadline, key: string, expected: string | undefined, { text, until, isEnding }: BackendValue): Promise<WriteOutcome> {
    return outcomeOf(await this.run(deadline, 'h3session:compareAndSet', key, expected ?? '', text, trimmedTime(until), isEnding ? 1 : 0))
  }

  async putTombstone(deadline: Deadline, key: string, { text, until }: BackendValue, expected: string | undefined): Promise<WriteOutcome> {
    return outcomeOf(await this.run(deadline, 'h3session:putTombstone', key, expected ?? '', text, trimmedTime(until)))
  }

  touch(deadline: Deadline, key: string, times: RecordTimes): Promise<unknown> {
    return this.run(deadline, 'h3session:touch', key, encodeTimes(times), times.lastSeenAt, trimmedTime(times.expiresAt))
  }

  async addEntry(deadline: Deadline, handle: string, { userId, expiresAt }: SessionRecord, before?: SessionRecord): Promise<void> {
    const isLater = before === undefined || expiresAt > before.expiresAt
    const sets = isLater ? [this.keys.all] : []
    if (userId !== undefined && (isLater || userId !== before.userId)) sets.push(this.keys.user(userId))
    await Promise.all(sets.map(set => this.run(deadline, 'h3session:add', set, this.ended(), trimmedTime(expiresAt), handle)))
  }

  async removeEntry(deadline: Deadline, handle: string, userId: string | undefined): Promise<void> {
    await this.run(deadline, 'zrem', this.setOf(userId), handle)
  }

  async page(deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const [score, after] = this.startOf(cursor)
    const answer = await this.run(deadline, 'h3session:page', this.setOf(userId), score, after, limit) as string[]
    const handles = answer.filter((_item, place) => place % 2 === 0)
    return { handles, cursor: handles.length < limit ? undefined : `${answer.at(-1)}-${handles.at(-1)}` }
  }

  async count(deadline: Deadline): Promise<number> {
    return await this.run(deadline, 'zcount', this.keys.all, this.context.env.now(), '+inf') as number
  }

  async sweep(deadline: Deadline): Promise<void> {
    await this.run(deadline, 'h3session:trim', this.keys.all, this.ended())
  }

  private run(deadline: Deadline, command: Command, key: string, ...values: (string | number)[]): Promise<unknown> {
    return deadline.call(() => andThen(this.commands, commands => commands[command](this.prefix + key, ...values)))
  }

  private setOf(userId: string | undefined): string {
    return userId === undefined ? this.keys.all : this.keys.user(userId)
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

export function isRedisClient(connection: unknown): connection is RedisClient {
  return typeof (connection as Partial<RedisClient> | undefined)?.defineCommand === 'function'
}

/** Defines the scripts as commands of this connection. ioredis sends a script's text only if the server has not cached it. */
function commandsOf(connection: unknown): Commands {
  if (!isRedisClient(connection)) throw new TypeError('The redis driver has no connection of ioredis.')
  for (const [name, lua] of Object.entries(REDIS_SCRIPTS)) connection.defineCommand(name, { numberOfKeys: 1, lua })
  return connection as unknown as Commands
}

function outcomeOf(answer: unknown): WriteOutcome {
  const [isWritten, value] = answer as [0 | 1, string | null | undefined]
  return isWritten === 1 ? { before: value } : { found: value }
}

function trimmedTime(time: number): string {
  return fixedTime(time).trim()
}
