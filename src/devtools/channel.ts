import { randomBytes } from 'node:crypto'
import { BroadcastChannel } from 'node:worker_threads'
import { CHANNEL_VARIABLE } from '../runtime/server/devtools/messages'
import type { DevtoolsMessage, WorkerCommand, WorkerReport } from '../runtime/server/devtools/messages'

const ANSWER_TIMEOUT_MS = 5000

/** Channel to Nitro's worker. The worker is a thread of this process; each edit of the server code replaces it. */
export class WorkerChannel {
  #channel: BroadcastChannel
  #pending = new Map<number, (answer: { error?: string, result?: unknown }) => void>()
  #lastId = 0

  constructor(onReport: (report: WorkerReport) => void) {
    const name = process.env[CHANNEL_VARIABLE] ??= `nuxt-h3-session:${process.pid}:${randomBytes(16).toString('hex')}`
    this.#channel = new BroadcastChannel(name)
    this.#channel.unref()
    this.#channel.onmessage = (event) => {
      const { data } = event as unknown as { data: DevtoolsMessage }
      if (data.type === 'answer') this.#pending.get(data.id)?.(data)
      else if (data.type === 'reports') data.reports.forEach(onReport)
    }
  }

  /** @throws the command's error in the worker, or a timeout if no worker answers */
  async send<T>(command: WorkerCommand): Promise<T> {
    const id = ++this.#lastId
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, ({ error, result }) => {
        this.#pending.delete(id)
        clearTimeout(timer)
        if (error === undefined) resolve(result as T)
        else reject(new Error(error))
      })
      const timer = setTimeout(() => this.#pending.get(id)?.({ error: 'The server did not answer. It may be restarting: try again.' }), ANSWER_TIMEOUT_MS)
      this.#channel.postMessage({ type: 'command', id, command } satisfies DevtoolsMessage)
    })
  }

  close(): void {
    for (const settle of this.#pending.values()) settle({ error: 'The development server was closed.' })
    this.#channel.close()
  }
}
