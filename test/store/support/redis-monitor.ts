import { Redis } from 'ioredis'

/** Shows the commands that clients send to a Redis server, as MONITOR does. */
export class RedisMonitor {
  #commands: string[] = []
  #marks = 0
  #reached: (() => void) | undefined

  private constructor(private readonly client: Redis, private readonly monitor: Redis) {
    monitor.on('monitor', (_time: string, [name = '', text]: string[], source: string) => {
      if (name === 'echo' && text === this.#mark) this.#reached?.()
      // Commands inside a script are not sent by a client.
      else if (source !== 'lua') this.#commands.push(name.toLowerCase())
    })
  }

  static async start(port: number): Promise<RedisMonitor> {
    const client = new Redis({ port, host: '127.0.0.1' })
    return new RedisMonitor(client, await client.monitor())
  }

  stop(): void {
    this.client.disconnect()
    this.monitor.disconnect()
  }

  /** The commands since the last call. */
  async take(): Promise<string[]> {
    this.#marks++
    const reached = new Promise<void>((resolve) => { this.#reached = resolve })
    await this.client.echo(this.#mark)
    await reached
    return this.#commands.splice(0)
  }

  get #mark() { return `mark ${this.#marks}` }
}
