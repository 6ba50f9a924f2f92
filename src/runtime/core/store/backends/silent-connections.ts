import type { MaybePromise } from '../../utils/maybe-promise'
import type { StoreEnvironment } from '../context'

// A connection is dropped after three timeouts without any answer: that of the store call, and these.
const CHECKS = 2

/** A connection of ioredis. */
interface Connection {
  status: string
  stream?: { bytesRead: number, destroy: () => void }
  ping: () => Promise<unknown>
  disconnect: (reconnect: boolean) => void
}

interface Client { nodes?: (role: 'all') => Connection[] }

/**
 * Drops connections to Redis that stay open but answer nothing: to a machine that was switched off, behind a firewall
 * that forgot them, or to a process that hangs. TCP itself notices some of these after many minutes, and others never.
 * Of a cluster, only the connection to that node is dropped. ioredis then connects again, and asks its Sentinels or
 * the cluster where to.
 */
export class SilentConnections {
  private isChecking = false

  constructor(private readonly env: Pick<StoreEnvironment, 'startTimer'>, private readonly client: MaybePromise<unknown>) {}

  /** Checks all connections, because a store call had no answer in `timeout` milliseconds. The call itself may be the cause. */
  async check(timeout: number): Promise<void> {
    if (this.isChecking) return
    this.isChecking = true
    try {
      const client = await this.client as Client
      const connections = client.nodes?.('all') ?? [client as Connection]
      await Promise.all(connections.map(connection => this.checkOne(connection, timeout)))
    }
    catch {
      // Without a connection, there is nothing to drop.
    }
    this.isChecking = false
  }

  private async checkOne(connection: Connection, timeout: number): Promise<void> {
    const { status, stream } = connection
    // While ioredis connects, it has its own timeout. To interrupt it then would end a Sentinel's client for good.
    if (stream === undefined || (status !== 'ready' && status !== 'connect')) return
    const { bytesRead } = stream
    // So that there is something to answer, also if the call waited for something else. Any answer counts, even an error.
    connection.ping().catch(() => undefined)
    for (let check = 1; check <= CHECKS; check++) {
      await new Promise<void>(resolve => void this.env.startTimer(timeout, resolve))
      if (connection.stream !== stream || stream.bytesRead !== bytesRead) return
    }
    connection.disconnect(true)
    // `disconnect` alone waits for the silent server to close its side.
    stream.destroy()
  }
}
