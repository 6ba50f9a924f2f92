import { until } from '../../support/until'
import { isReplicated, RedisServer } from './redis-server'

/** A master, its replica, and a Sentinel of the master, which it calls `sessions`. */
export class RedisSentinel {
  private constructor(readonly master: RedisServer, readonly replica: RedisServer, private readonly sentinel: RedisServer) {}

  /** `downAfter`: after how many milliseconds of silence the Sentinel replaces the master. */
  static async start({ downAfter }: { downAfter: number }): Promise<RedisSentinel> {
    const master = await RedisServer.start('--repl-diskless-sync-delay', '0')
    const replica = await RedisServer.start('--replicaof', '127.0.0.1', `${master.port}`)
    const all = new RedisSentinel(master, replica, await RedisServer.sentinelOf(master, downAfter))
    await until(async () => (await all.sentinel.command('SENTINEL', 'replicas', 'sessions') as unknown[]).length === 1)
    await isReplicated(master)
    return all
  }

  get port(): number { return this.sentinel.port }

  /** A planned failover. */
  async failOver(): Promise<void> {
    // On a busy machine, the sentinel may take the replica for down for a moment, and refuse.
    await until(() => this.sentinel.command('SENTINEL', 'FAILOVER', 'sessions').then(() => true, () => false))
    await until(async () => (await this.replica.command('ROLE') as string[])[0] === 'master')
  }

  async stop(): Promise<void> {
    await Promise.all([this.master, this.replica, this.sentinel].map(server => server.stop()))
  }
}
