import { createSessionStore } from '../runtime/core/store/create-store'
import type { StoreDriver, StoreFiles } from '../runtime/core/store/environment'
import type { SessionRecord, SessionStore } from '../runtime/core/store/store'
import { createStoreEnvironment } from '../runtime/server/store-environment'
import { creationCases } from './store-conformance/creation'
import { destructionCases } from './store-conformance/destruction'
import { listCases } from './store-conformance/lists'
import { updateCases } from './store-conformance/updates'
import { userCases } from './store-conformance/users'
import { sha256 } from './sha256'

/** One thing that a session store must do. `run` rejects where it does not. */
export interface StoreConformanceCase {
  name: string
  run: (place: StoreUnderTest) => Promise<void>
}

export interface StoreConformanceOptions {
  /** A driver over the same data at every call, as another process would open it. */
  createDriver: () => StoreDriver
  /** As the server gives them to the stores; without them the files of `fs` drivers are written by the driver. */
  files?: StoreFiles
}

/** The store under test and what a case needs around it. Every case works below a prefix of its own. */
export class StoreUnderTest {
  readonly driver: StoreDriver
  readonly store: SessionStore
  readonly prefix = `conformance${randomText()}`
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

  /** Another store over the same data, as another process would have it. */
  open(driver: StoreDriver = this.options.createDriver()): SessionStore {
    const env = createStoreEnvironment({ now: () => this.now, hash: sha256, files: this.options.files })
    return createSessionStore({ driver, prefix: this.prefix }, env, { timeout: 10_000 })
  }

  handle(): string {
    return sha256(randomText())
  }

  record(part: Partial<SessionRecord> = {}): SessionRecord {
    const now = Math.trunc(this.now)
    return { v: 1, lastSeenAt: now, expiresAt: now + 60 * 60 * 1000, createdAt: now, data: {}, ...part }
  }

  /** A new session in the store. */
  async given(part: Partial<SessionRecord> = {}): Promise<string> {
    const handle = this.handle()
    await this.store.create(handle, this.record(part))
    return handle
  }

  /** Puts something at a session's key, past the store. */
  async put(handle: string, text: string): Promise<void> {
    await this.driver.setItem!(`${this.prefix}:${handle}`, text, {})
  }
}

/**
 * What every session store must do, whatever its driver. For your own driver, in any test runner:
 * `for (const { name, run } of storeConformance) it(name, () => run(new StoreUnderTest({ createDriver })))`.
 */
export const storeConformance: readonly StoreConformanceCase[] =
  [...creationCases, ...updateCases, ...destructionCases, ...userCases, ...listCases]

function randomText(): string {
  return Math.random().toString(36).slice(2)
}
