import type { SessionStore, SweptBatch } from '../core/store/store'
import type { SessionHost } from '../adapters/shared/host'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'

const ITEMS = 100
// From this number of ended items in a batch on, the next one comes soon. So at most a tenth of a store waits to be removed.
const MANY = 10
const IDLE_MS = 5000
const BUSY_MS = 100
// The store is not swept for at least three quarters of the time.
const PAUSE = 3

interface SweptServer extends Pick<SweeperEnvironment, 'stores'> {
  host: Pick<SessionHost, 'isPrerendering'>
  warnOnce: (message: string) => void
}

/** Starts removing ended sessions from stores whose driver ignores a TTL. @returns a function that stops it */
export function startSweep({ host, stores, warnOnce }: SweptServer): () => void {
  // Workers cannot run code between requests.
  if (host.isPrerendering || !HAS_ENVIRONMENT_AT_START) return () => {}
  const sweeper = new Sweeper({
    stores,
    // A clock that nobody sets.
    now: () => performance.now(),
    startTimer(ms, run) {
      const timer = setTimeout(run, ms)
      timer.unref()
      return () => clearTimeout(timer)
    },
    onError: () => warnOnce('Removing ended sessions from a session store failed. It will be tried again.'),
  })
  return () => sweeper.stop()
}

interface SweeperEnvironment {
  stores: () => Iterable<Pick<SessionStore, 'sweep'>>
  /** Milliseconds. */
  now: () => number
  startTimer: (ms: number, run: () => void) => () => void
  onError: () => void
}

/** Sweeps the stores of a process in small batches, one at a time, as often as they have ended items. */
export class Sweeper {
  private readonly turns = new Map<Pick<SessionStore, 'sweep'>, { pace: Pace, dueAt: number }>()
  private cancel: (() => void) | undefined

  constructor(private readonly env: SweeperEnvironment) {
    this.wait(IDLE_MS)
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private wait(ms: number): void {
    this.cancel = this.env.startTimer(ms, () => void this.run())
  }

  private async run(): Promise<void> {
    const { now, stores } = this.env
    let next = now() + IDLE_MS
    for (const store of stores()) {
      const turn = this.turns.get(store) ?? { pace: new Pace(), dueAt: 0 }
      this.turns.set(store, turn)
      if (turn.dueAt <= now()) turn.dueAt = await this.sweep(store, turn.pace)
      next = Math.min(next, turn.dueAt)
    }
    if (this.cancel) this.wait(Math.max(0, next - now()))
  }

  /** Returns when the store is due again. */
  private async sweep(store: Pick<SessionStore, 'sweep'>, pace: Pace): Promise<number> {
    const { now, onError } = this.env
    const start = now()
    try {
      const batch = await store.sweep(ITEMS)
      return now() + pace.pauseAfter(batch, now() - start)
    }
    catch {
      onError()
      return now() + IDLE_MS
    }
  }
}

/** How soon a store is swept again. Busy after a batch with many ended items, until a whole round has had none. */
class Pace {
  private isBusy = false
  private hasFoundMany = false

  /** Returns the milliseconds until the next batch. */
  pauseAfter({ removed, isLast }: SweptBatch, duration: number): number {
    if (removed >= MANY) this.isBusy = this.hasFoundMany = true
    if (isLast) {
      this.isBusy = this.hasFoundMany
      this.hasFoundMany = false
    }
    return this.isBusy ? Math.max(BUSY_MS, PAUSE * duration) : IDLE_MS
  }
}
