import { randomBytes } from 'node:crypto'
import { CHANNEL_VARIABLE } from '../runtime/server/devtools/messages'
import type { DevtoolsMessage, ObservedMessage, WorkerCommand } from '../runtime/server/devtools/messages'

const ANSWER_TIMEOUT_MS = 5000

interface PendingCommand { resolve: (result: unknown) => void, reject: (error: Error) => void, timer: NodeJS.Timeout }

export interface ChannelListeners {
  onObserved: (message: ObservedMessage) => void
  /** Called when a response with observed sessions is complete, so that its browser has the cookies. */
  onSent: () => void
}

/** Channel to Nitro's worker. The worker is a thread of this process; each edit of the server code replaces it. */
export class WorkerChannel {
  #channel: BroadcastChannel
  #pending = new Map<number, PendingCommand>()
  #lastId = 0

  constructor({ onObserved, onSent }: ChannelListeners) {
    const name = process.env[CHANNEL_VARIABLE] ??= `nuxt-h3-session:${process.pid}:${randomBytes(16).toString('hex')}`
    this.#channel = new BroadcastChannel(name)
    ;(this.#channel as unknown as { unref?: () => void }).unref?.()
    this.#channel.onmessage = ({ data }: MessageEvent<DevtoolsMessage>) => {
      if (data.type === 'observed') onObserved(data)
      if (data.type === 'sent') onSent()
      if (data.type === 'answer') this.#settle(data.id, data.error, data.result)
    }
  }

  /** @throws the command's error in the worker, or a timeout if no worker answers */
  async send<T>(command: WorkerCommand): Promise<T> {
    const id = ++this.#lastId
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, 'The server did not answer. It may be restarting: try again.', undefined), ANSWER_TIMEOUT_MS)
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject, timer })
      this.#channel.postMessage({ type: 'command', id, command })
    })
  }

  close(): void {
    for (const id of this.#pending.keys()) this.#settle(id, 'The development server was closed.', undefined)
    this.#channel.close()
  }

  #settle(id: number, error: string | undefined, result: unknown): void {
    const command = this.#pending.get(id)
    if (!command) return
    this.#pending.delete(id)
    clearTimeout(command.timer)
    if (error === undefined) command.resolve(result)
    else command.reject(new Error(error))
  }
}
