import { andThen } from '../../utils/maybe-promise'
import type { MaybePromise } from '../../utils/maybe-promise'
import { copyNextTo } from './redis-slots'
import { REDIS_SCRIPTS } from './redis-scripts'

/** An ioredis connection, or cluster of them. */
interface RedisClient { defineCommand: (name: string, definition: { lua: string }) => void }

export type Script = keyof typeof REDIS_SCRIPTS
type Command = Script | 'get' | 'mget' | 'zcount'
type Values = (string | number)[]
type Commands = Record<Command, (...args: Values) => Promise<unknown>>

/** The commands of unstorage's redis driver, on its connection and with its prefix of keys. */
export class RedisConnection {
  private readonly commands: MaybePromise<Commands>
  private readonly prefix: string
  /** Whether keys are on several nodes. The server says so by refusing the first command with such keys. */
  private isSplit = false

  /** In unstorage 2, the connection is a promise. Each command waits for it and rejects with its failure. */
  constructor(connection: MaybePromise<unknown>, base = '') {
    this.commands = andThen(connection, commandsOf)
    if (this.commands instanceof Promise) this.commands.catch(() => undefined)
    // As the driver prefixes its keys.
    const name = base.replaceAll(/[:/\\]/g, ':').replaceAll(/^:|:$/g, '')
    this.prefix = name === '' ? '' : `${name}:`
  }

  run(command: Exclude<Command, Script>, keys: string[], ...values: Values): Promise<unknown> {
    return this.send(command, ...this.named(keys), ...values)
  }

  script(script: Script, keys: string[], ...values: Values): Promise<unknown> {
    return this.send(script, keys.length, ...this.named(keys), ...values)
  }

  /** Runs a command with several keys. Returns `undefined` if they are on several nodes, and has done nothing then. */
  async together<T>(keys: string[], run: () => Promise<T>): Promise<T | undefined> {
    if (this.isSplit && keys.length > 1) return undefined
    try {
      return await run()
    }
    catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('CROSSSLOT')) throw error
      this.isSplit = true
    }
  }

  /** The suffix of the copy of a key that is next to another key; `''` if all keys are on one node. */
  copyNextTo(key: string): string {
    return this.isSplit ? copyNextTo(this.prefix + key) : ''
  }

  private send(command: Command, ...args: Values): Promise<unknown> {
    return Promise.resolve(andThen(this.commands, commands => commands[command](...args)))
  }

  private named(keys: string[]): string[] {
    return keys.map(key => this.prefix + key)
  }
}

export function isRedisClient(connection: unknown): connection is RedisClient {
  return typeof (connection as Partial<RedisClient> | undefined)?.defineCommand === 'function'
}

/** Defines the scripts as commands of this connection. ioredis sends a script's text only if the server has not cached it. */
function commandsOf(connection: unknown): Commands {
  if (!isRedisClient(connection)) throw new TypeError('The redis driver has no connection of ioredis.')
  for (const [name, lua] of Object.entries(REDIS_SCRIPTS)) connection.defineCommand(name, { lua })
  return connection as unknown as Commands
}
