import { createHash } from 'node:crypto'
import type { StoreEnvironment } from '../../../../src/runtime/core/store/context'
import type { SessionRecord } from '../../../../src/runtime/core/store/store'

interface Timer { at: number, run: () => void }

/** The surroundings of a store: a clock to set, and timers that run by it. */
export class FakeStoreEnvironment implements StoreEnvironment {
  /** Milliseconds since 1970; far from the machine's clock, so that reading that one shows. */
  time = Date.UTC(2031, 0, 1)
  readonly #timers = new Set<Timer>()

  now = () => this.time
  random = () => 0.5
  hash = (text: string) => createHash('sha256').update(text).digest('hex')
  startTimer = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Timers that have neither run nor been cancelled. */
  get timers() { return this.#timers.size }

  /** Moves the clock, and lets everything happen that follows. */
  async advance(ms: number): Promise<void> {
    await settle()
    this.time += ms
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.time || !this.#timers.delete(timer)) continue
      timer.run()
      await settle()
    }
  }

  handle(name: string) { return this.hash(name) }

  record(part: Partial<SessionRecord> = {}): SessionRecord {
    return { v: 1, lastSeenAt: this.time, expiresAt: this.time + 60_000, createdAt: this.time, data: {}, ...part }
  }
}

/** Lets all go on that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}
