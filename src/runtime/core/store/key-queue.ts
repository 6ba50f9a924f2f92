import { SessionError } from '../model/errors'

interface Queue {
  /** Resolves when the last task has ended. */
  tail: Promise<void>
  answeredAt: number | undefined
}

const NOW = Promise.resolve()

/** Runs the tasks of each key one after the other. */
export class KeyQueue {
  private readonly queues = new Map<string, Queue>()

  constructor(private readonly now: () => number) {}

  get size() { return this.queues.size }

  /** When a task of this key last ended other than by SESSION_STORE_UNAVAILABLE, since its queue was last empty. */
  answeredAt(key: string): number | undefined {
    return this.queues.get(key)?.answeredAt
  }

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const running = this.queues.get(key)
    const result = running?.tail.then(task) ?? task()
    const queue = running ?? { tail: NOW, answeredAt: undefined }
    this.queues.set(key, queue)
    const end = (error?: unknown) => {
      if (!isUnavailable(error)) queue.answeredAt = this.now()
    }
    const tail = queue.tail = result.then(() => end(), end)
    void tail.then(() => {
      if (queue.tail === tail) this.queues.delete(key)
    })
    return result
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'SESSION_STORE_UNAVAILABLE'
}
