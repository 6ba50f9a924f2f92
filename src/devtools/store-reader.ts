import type { AppFacts, StoreReport } from '../runtime/server/devtools/messages'
import type { WorkerChannel } from './channel'
import { throttle } from './throttle'
import type { Inspector } from './inspector'

const INTERVAL_MS = 1000
/** How long a response waits for the stores. Later, their sessions come with the next response. */
const PATIENCE_MS = 300

/** Reads the sessions of the stores into the inspector, at most once a second. */
export class StoreReader {
  /** The last report of each store. */
  reports: StoreReport[] = []
  #storages: string[] = []
  /** Stores that have failed in a request. A call can name a store that is not configured. */
  readonly #failed = new Set<string>()
  #reading: Promise<void> | undefined
  readonly #start = throttle(() => this.#reading = this.#read(), () => INTERVAL_MS)

  constructor(private readonly channel: WorkerChannel, private readonly inspector: Inspector, private readonly onChange: () => void) {}

  /** Starts to read the stores, and waits a moment for them. */
  async refresh({ storages }: Pick<AppFacts, 'storages'>): Promise<void> {
    this.#storages = Object.values(storages)
    void this.#start()
    await Promise.race([this.#reading, new Promise(resolve => setTimeout(resolve, PATIENCE_MS))])
  }

  /** A request has found that a store fails. */
  markFailed(storage: string, error: string): void {
    this.#failed.add(storage)
    const others = this.reports.filter(report => report.storage !== storage)
    this.reports = [...others, { storage, sessions: [], ended: [], hasMore: false, error }]
  }

  async #read(): Promise<void> {
    // The configured stores, and stores seen in requests.
    const handles = this.inspector.sessions.storedHandles()
    const mounts = new Set([...this.#storages, ...this.#failed, ...handles.keys()])
    if (mounts.size === 0) return
    const places = Array.from(mounts, storage => ({ storage, handles: handles.get(storage) ?? [] }))
    // Without an answer of the worker, the reports stay as they are.
    const reports = await this.channel.send<StoreReport[]>({ op: 'stored', places }).catch(() => undefined)
    if (!reports) return
    const before = statesOf(this.reports)
    this.reports = reports
    if (this.inspector.sessions.addStoreReports(reports) || statesOf(reports) !== before) this.onChange()
  }
}

function statesOf(reports: readonly StoreReport[]): string {
  return JSON.stringify(reports.map(({ storage, hasMore, error }) => [storage, hasMore, error]))
}
