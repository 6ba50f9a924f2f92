import { createHash } from 'node:crypto'
import type { StoreEnvironment } from '../../../../src/runtime/core/store/context'
import type { SessionRecord } from '../../../../src/runtime/core/store/store'

interface Timer { at: number, run: () => void }

/** A store environment with a fake clock, and timers that run by it. */
export class FakeStoreEnvironment implements StoreEnvironment {
  /** Milliseconds since 1970; far from the machine's clock, so that a test fails if the store reads that one. */
  time = Date.UTC(2031, 0, 1)
  readonly #timers = new Set<Timer>()
  #writers = 0

  now = () => this.time
  random = () => 0.5
  newWriter = () => ++this.#writers / 1000
  hash = (text: string) => createHash('sha256').update(text).digest('hex')
  startTimer = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Timers that have neither run nor been cancelled. */
  get timers() { return this.#timers.size }

  /** Moves the clock and runs the timers that are due. */
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
    return { lastSeenAt: this.time, expiresAt: this.time + 60_000, createdAt: this.time, data: {}, ...part }
  }
}

/** Waits until the pending promise callbacks have run. */
export function settle(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}
