import { until } from '../../support/until'
import { RedisServer } from './redis-server'

const SLOTS = 16_384
const OPTIONS = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-require-full-coverage', 'no', '--appendonly', 'yes']

/** A cluster of separate redis-servers on 127.0.0.1, all masters, with the slots divided among them. */
export class RedisCluster {
  private constructor(readonly masters: RedisServer[]) {}

  static async start(size: number): Promise<RedisCluster> {
    const cluster = new RedisCluster(await Promise.all(Array.from({ length: size }, () => RedisServer.start(...OPTIONS))))
    try {
      await cluster.join()
    }
    catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  get port(): number { return this.masters[0]!.port }

  async stop(): Promise<void> {
    await Promise.all(this.masters.map(master => master.stop()))
  }

  private async join(): Promise<void> {
    const [first, ...others] = this.masters
    const { length } = this.masters
    await Promise.all(this.masters.map((master, at) => master.command('CLUSTER', 'ADDSLOTSRANGE',
      `${Math.floor(at * SLOTS / length)}`, `${Math.floor((at + 1) * SLOTS / length) - 1}`)))
    for (const { port } of others) await first!.command('CLUSTER', 'MEET', '127.0.0.1', `${port}`)
    for (const master of this.masters) await until(async () => isComplete(String(await master.command('CLUSTER', 'INFO')), length))
  }
}

function isComplete(info: string, size: number): boolean {
  return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`) && info.includes(`cluster_size:${size}`)
}
