import { Redis } from 'ioredis'
import { cleanEnvironment, run } from '../../support/process'
import { until } from '../../support/until'
import { isReplicated, RedisServer } from './redis-server'

const SLOTS = 16_384
const OPTIONS = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-require-full-coverage', 'no', '--appendonly', 'yes']
// A replica may replace its master however old it is, and stays with its master.
const WITH_REPLICAS = [...OPTIONS, '--cluster-node-timeout', '3000', '--cluster-replica-validity-factor', '0', '--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0']

/** A cluster of separate redis-servers on 127.0.0.1: masters with the slots divided among them, and their replicas. */
export class RedisCluster {
  /** `replicas[at]`, if there is one, is that of `masters[at]`. */
  private constructor(readonly masters: RedisServer[], readonly replicas: RedisServer[]) {}

  static start(size: number): Promise<RedisCluster> {
    return RedisCluster.#start(size, 0, OPTIONS)
  }

  /** Each master has one replica, which becomes the master only by {@link failOver} and {@link takeOver}. */
  static startWithReplicas(size: number): Promise<RedisCluster> {
    return RedisCluster.#start(size, size, [...WITH_REPLICAS, '--cluster-replica-no-failover', 'yes'])
  }

  static async #start(size: number, replicas: number, options: string[]): Promise<RedisCluster> {
    const nodes = await Promise.all(Array.from({ length: size + replicas }, () => RedisServer.start(...options)))
    const cluster = new RedisCluster(nodes.slice(0, size), nodes.slice(size))
    try {
      await cluster.#join()
    }
    catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  get port(): number { return this.masters[0]!.port }
  get nodes(): RedisServer[] { return [...this.masters, ...this.replicas] }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.stop()))
  }

  /** The first and the last slot of each master, until they are moved. */
  get ranges(): [first: number, last: number][] {
    const { length } = this.masters
    return this.masters.map((_master, at) => [Math.floor(at * SLOTS / length), Math.floor((at + 1) * SLOTS / length) - 1])
  }

  async slotsOf(keys: string[]): Promise<number[]> {
    const client = new Redis({ port: this.port, host: '127.0.0.1' })
    try {
      return await Promise.all(keys.map(key => client.cluster('KEYSLOT', key)))
    }
    finally {
      client.disconnect()
    }
  }

  /** A planned failover: makes the replica of a master the master, and that one its replica. */
  async failOver(at: number): Promise<void> {
    // On a busy machine, a replica may take its master for down for a moment, and refuse.
    await until(() => this.replicas[at]!.command('CLUSTER', 'FAILOVER').then(() => true, () => false))
    await this.#swapped(at)
    await isReplicated(this.masters[at]!)
  }

  /** An unplanned failover: the replica of a master becomes the master when this one was silent for a second. */
  async takeOver(at: number, end: () => unknown): Promise<void> {
    for (const node of this.nodes) await node.command('CONFIG', 'SET', 'cluster-node-timeout', '1000')
    await this.replicas[at]!.command('CONFIG', 'SET', 'cluster-replica-no-failover', 'no')
    await end()
    await this.#swapped(at)
  }

  /** Waits until the replica of a master has confirmed all that the master has written. */
  async replicated(at: number): Promise<void> {
    await isReplicated(this.masters[at]!)
  }

  /** From now on, the replica of a master gets no more writes. It goes on with `SIGCONT`, and has none of them. */
  async cutReplica(at: number): Promise<void> {
    this.replicas[at]!.signal('SIGSTOP')
    await this.masters[at]!.command('CLIENT', 'KILL', 'TYPE', 'replica')
  }

  /** Makes the clients of a master, and its replica, connect to another port. */
  async announce(at: number, port: number): Promise<void> {
    const master = this.masters[at]!
    await master.command('CONFIG', 'SET', 'cluster-announce-bus-port', `${master.port + 10_000}`)
    await master.command('CONFIG', 'SET', 'cluster-announce-port', `${port}`)
    await until(async () => String(await this.replicas[at]!.command('INFO', 'replication')).includes(`master_port:${port}`))
    await isReplicated(master)
  }

  /** Moves the first slots of a master with their keys to another master. */
  async reshard(from: number, to: number, slots: number): Promise<void> {
    const [source, target] = await Promise.all([from, to].map(at => this.masters[at]!.command('CLUSTER', 'MYID'))) as string[]
    const args = ['--cluster', 'reshard', `127.0.0.1:${this.port}`, '--cluster-from', source!, '--cluster-to', target!, '--cluster-slots', `${slots}`, '--cluster-yes']
    const { code, output } = await run('redis-cli', args, { env: cleanEnvironment({}), timeout: 60_000 })
    if (code !== 0) throw new Error(`The slots were not moved: ${output.slice(-500)}`)
  }

  async #swapped(at: number): Promise<void> {
    const { masters, replicas } = this
    await until(async () => (await replicas[at]!.command('ROLE') as string[])[0] === 'master')
    ;[masters[at], replicas[at]] = [replicas[at]!, masters[at]!]
  }

  async #join(): Promise<void> {
    const { masters, replicas, nodes } = this
    const [first, ...others] = nodes
    await Promise.all(this.ranges.map(([from, to], at) => masters[at]!.command('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`)))
    for (const { port } of others) await first!.command('CLUSTER', 'MEET', '127.0.0.1', `${port}`)
    for (const node of nodes) await until(async () => isComplete(String(await node.command('CLUSTER', 'INFO')), masters.length, nodes.length))
    await Promise.all(replicas.map(async (replica, at) => {
      await replica.command('CLUSTER', 'REPLICATE', String(await masters[at]!.command('CLUSTER', 'MYID')))
      await isReplicated(masters[at]!)
    }))
    // A master votes only for a replica that it knows.
    for (const node of nodes) await until(async () => String(await node.command('CLUSTER', 'NODES')).split(/\bslave\b/).length === replicas.length + 1)
  }
}

function isComplete(info: string, size: number, nodes: number): boolean {
  return [`cluster_state:ok`, `cluster_slots_ok:${SLOTS}`, `cluster_known_nodes:${nodes}`, `cluster_size:${size}`].every(part => info.includes(part))
}
