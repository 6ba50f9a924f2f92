import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { endProcess } from '../../support/process'
import { freePort } from '../../support/ports'

/** A separate redis-server on a free port of 127.0.0.1, with its own data directory. */
export class RedisServer {
  #process: ChildProcess | undefined

  private constructor(readonly port: number, private readonly directory: string, private readonly args: string[]) {}

  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.#start(() => ['--save', '', ...options])
  }

  /** Starts a Sentinel of the master `sessions`, which is down after half a second of silence. */
  static sentinelOf(master: RedisServer): Promise<RedisServer> {
    return RedisServer.#start(async (directory) => {
      // A Sentinel writes its state into its configuration.
      const file = join(directory, 'sentinel.conf')
      await writeFile(file, [
        `sentinel monitor sessions 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds sessions 500',
        'sentinel failover-timeout sessions 3000',
      ].join('\n'))
      return [file, '--sentinel']
    })
  }

  static async #start(argsIn: (directory: string) => string[] | Promise<string[]>): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'sessions-redis-'))
    const server = new RedisServer(await portForCluster(), directory, await argsIn(directory))
    await server.start()
    return server
  }

  /** Starts it, with its data on disk if persistence is on. */
  async start(): Promise<void> {
    // A configuration file must be the first argument.
    const args = [...this.args, '--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.directory]
    this.#process = spawn('redis-server', args, { stdio: 'ignore' })
    const failed = once(this.#process, 'error').then(([error]) => { throw new Error('redis-server does not start: run `bash scripts/install-redis.sh`.', { cause: error }) })
    await Promise.race([this.#answers(), failed])
    failed.catch(() => undefined)
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

  async #answers(): Promise<void> {
    const client = new Redis({ port: this.port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null })
    client.on('error', () => undefined)
    await client.ping()
    client.disconnect()
  }
}

/** The second port of a node of a cluster is the first one and 10,000. */
async function portForCluster(): Promise<number> {
  const port = await freePort()
  return port > 55_000 ? portForCluster() : port
}
