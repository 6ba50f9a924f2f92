import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import { createDriver } from './driver'
import type { DriverOptions } from './driver'

/** Closes everything that a test has opened, in reverse order. */
export class Opened {
  readonly #closers: (() => unknown)[] = []

  add(close: () => unknown): void {
    this.#closers.push(close)
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
  }

  directory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'sessions-'))
    this.add(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
    return directory
  }

  /** The port of a server that is starting. */
  async portOf(starting: Promise<{ port: number, stop: () => unknown }>): Promise<number> {
    const server = await starting
    this.add(() => server.stop())
    return server.port
  }

  driver(options: DriverOptions): StoreDriver {
    const driver = createDriver(options)
    this.add(() => driver.dispose())
    return driver
  }
}
