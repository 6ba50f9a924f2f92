import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { endProcess } from '../../support/process'
import { freePort } from '../../support/ports'
import { until } from '../../support/until'

const TRIES = 5

class EndedAtStart extends Error {}

/** A separate redis-server on a free port of 127.0.0.1, with its own data directory. */
export class RedisServer {
  #process: ChildProcess | undefined

  private constructor(readonly port: number, private readonly directory: string, private readonly args: string[]) {}

  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.#start(() => ['--save', '', ...options])
  }

  /** Starts a Sentinel of the master `sessions`, which is down after so many milliseconds of silence. */
  static sentinelOf(master: RedisServer, downAfter: number): Promise<RedisServer> {
    return RedisServer.#start(async (directory) => {
      // A Sentinel writes its state into its configuration.
      const file = join(directory, 'sentinel.conf')
      await writeFile(file, [
        `sentinel monitor sessions 127.0.0.1 ${master.port} 1`,
        `sentinel down-after-milliseconds sessions ${downAfter}`,
        'sentinel failover-timeout sessions 3000',
      ].join('\n'))
      return [file, '--sentinel']
    })
  }

  static async #start(argsIn: (directory: string) => string[] | Promise<string[]>): Promise<RedisServer> {
    for (let tries = 1; ; tries++) {
      const directory = await mkdtemp(join(tmpdir(), 'sessions-redis-'))
      const server = new RedisServer(await freePort(), directory, await argsIn(directory))
      try {
        await server.start()
        return server
      }
      catch (error) {
        await server.stop()
        // Another process may have taken the port meanwhile, or the second port of a cluster's node.
        if (!(error instanceof EndedAtStart) || tries === TRIES) throw error
      }
    }
  }

  /** Starts it, with its data on disk if persistence is on. */
  async start(): Promise<void> {
    // A configuration file must be the first argument.
    const args = [...this.args, '--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.directory]
    const child = this.#process = spawn('redis-server', args, { stdio: 'ignore' })
    const failed = once(child, 'exit').then(() => { throw new EndedAtStart('redis-server has ended: is its port taken?') }, (error: unknown) => {
      throw new Error('redis-server does not start: run `bash scripts/install-redis.sh`.', { cause: error })
    })
    failed.catch(() => undefined)
    const client = new Redis({ port: this.port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null })
    client.on('error', () => undefined)
    try {
      await Promise.race([client.ping(), failed])
    }
    finally {
      client.disconnect()
    }
  }

  async kill(signal?: NodeJS.Signals): Promise<void> {
    if (this.#process) await endProcess(this.#process, signal)
  }

  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis({ port: this.port, host: '127.0.0.1' })
    try {
      return await client.call(name, ...args)
    }
    finally {
      client.disconnect()
    }
  }

  /** Pauses it and continues it, like a busy machine. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** Resolves when the replica of a master has confirmed what the master has written until now. */
export async function isReplicated(master: RedisServer): Promise<void> {
  let written = 0
  await until(async () => {
    const info = String(await master.command('INFO', 'replication'))
    // 0 until the first replica has asked for the data, and a replica that loads them has confirmed 0.
    written ||= Number(/^master_repl_offset:(\d+)/m.exec(info)![1])
    return written > 0 && Number(/^slave0:.*state=online,offset=(\d+)/m.exec(info)?.[1] ?? -1) >= written
  })
}
