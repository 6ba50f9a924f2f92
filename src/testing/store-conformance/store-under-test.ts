import { randomUUID } from 'node:crypto'
import { createSessionStore } from '../../runtime/core/store/create-store'
import type { StoreDriver, StoreFiles } from '../../runtime/core/store/context'
import type { SessionRecord, SessionStore } from '../../runtime/core/store/store'
import { createStoreEnvironment } from '../../runtime/server/store-environment'
import { sha256 } from '../test-options'

/** One requirement for a session store. `run` rejects if the store does not meet it. */
export interface StoreConformanceCase {
  name: string
  run: (subject: StoreUnderTest) => Promise<void>
}

export type ConformanceCases = Record<string, StoreConformanceCase['run']>

export interface StoreConformanceOptions {
  /** Returns a new driver over the same data at each call, like another process. */
  createDriver: () => StoreDriver
  /** The server's files for `fs` drivers. Without them the driver itself writes its files. */
  files?: StoreFiles
}

/** The store under test, with helpers for the cases. Each instance has its own key prefix. */
export class StoreUnderTest {
  readonly driver: StoreDriver
  readonly store: SessionStore
  readonly prefix = `conformance${randomUUID().slice(0, 8)}`
  #offset = 0

  constructor(private readonly options: StoreConformanceOptions) {
    this.driver = options.createDriver()
    this.store = this.open(this.driver)
  }

  get now() { return Date.now() + this.#offset }

  /** Moves the store's clock, not the driver's. */
  advance(ms: number): void {
    this.#offset += ms
  }

  /** Opens another store over the same data, like another process. */
  open(driver: StoreDriver = this.options.createDriver()): SessionStore {
    const env = createStoreEnvironment({ now: () => this.now, hash: sha256, files: this.options.files })
    return createSessionStore({ driver, prefix: this.prefix }, env, { timeout: 10_000 })
  }

  handle(): string {
    return sha256(randomUUID())
  }

  record(part: Partial<SessionRecord> = {}): SessionRecord {
    const now = Math.trunc(this.now)
    return { lastSeenAt: now, expiresAt: now + 60 * 60 * 1000, createdAt: now, data: {}, ...part }
  }

  /** Creates a session in the store. */
  async given(part: Partial<SessionRecord> = {}): Promise<string> {
    const handle = this.handle()
    await this.store.create(handle, this.record(part))
    return handle
  }

  /** Writes a text to a session's key by the driver. */
  async put(handle: string, text: string): Promise<void> {
    await this.driver.setItem!(`${this.prefix}:${handle}`, text, {})
  }
}
