import { randomBytes } from 'node:crypto'
import { CHANNEL_VARIABLE } from '../runtime/server/devtools/messages'
import type { DevtoolsMessage, ObservedMessage, WorkerCommand } from '../runtime/server/devtools/messages'

const ANSWER_TIMEOUT_MS = 5000

interface Waiting { resolve: (result: unknown) => void, reject: (error: Error) => void, timer: NodeJS.Timeout }

export interface ChannelListeners {
  onObserved: (message: ObservedMessage) => void
  /** A browser has the cookies of what was observed. */
  onSent: () => void
}

/** The way to Nitro's worker, which is a thread of this process and is replaced at every server edit. */
export class WorkerChannel {
  #channel: BroadcastChannel
  #waiting = new Map<number, Waiting>()
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

  /** @throws what the command threw in the worker, or that no worker answered */
  async send<T>(command: WorkerCommand): Promise<T> {
    const id = ++this.#lastId
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, 'The server did not answer; it may be restarting. Try again.', undefined), ANSWER_TIMEOUT_MS)
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, timer })
      this.#channel.postMessage({ type: 'command', id, command })
    })
  }

  close(): void {
    for (const id of this.#waiting.keys()) this.#settle(id, 'The development server was closed.', undefined)
    this.#channel.close()
  }

  #settle(id: number, error: string | undefined, result: unknown): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    if (error === undefined) waiting.resolve(result)
    else waiting.reject(new Error(error))
  }
}
