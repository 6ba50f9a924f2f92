import { andThen, attempt } from '../../utils/maybe-promise'
import type { MaybePromise } from '../../utils/maybe-promise'
import type { StoreContext, StoreFiles } from '../context'
import type { Deadline } from '../deadline'

// After this number of file names, the deadline is renewed.
const RENEW_AFTER = 1000

/** Reads and writes the items of any unstorage driver. */
export class DriverItems {
  /** Set if the items are files, which the store then lists and writes itself. */
  readonly files: StoreFiles | undefined
  /** Whether a read may return a partly written item. */
  readonly hasTornReads: boolean
  private readonly directory: string

  constructor(private readonly context: StoreContext) {
    const { name = '', options } = context.driver
    const { base } = (options ?? {}) as { base?: unknown }
    this.files = typeof base === 'string' && (name === 'fs' || name === 'fs-lite') ? context.env.files : undefined
    this.hasTornReads = this.files === undefined && /^fs\b/.test(name)
    this.directory = String(base).replace(/[/\\]$/, '')
  }

  get(deadline: Deadline, key: string): Promise<unknown> {
    return deadline.call(() => orThrow(this.context.driver.getItem(key, {})))
  }

  /** Starts a write without a deadline and returns the driver's own promise. `until` sets its TTL. */
  write(key: string, text: string, until: number | undefined): Promise<void> {
    const { driver, env } = this.context
    if (this.files !== undefined) return this.files.replace(this.pathOf(key), text)
    const options = until === undefined ? {} : { ttl: Math.max(1, Math.ceil((until - env.now()) / 1000)) }
    return attempt(() => driver.setItem!(key, text, options))
  }

  set(deadline: Deadline, key: string, text: string, until: number | undefined): Promise<void> {
    return deadline.call(() => this.write(key, text, until))
  }

  remove(deadline: Deadline, key: string): Promise<void> {
    return deadline.call(() => orThrow(this.context.driver.removeItem!(key, {})))
  }

  /** Removes the folder of files below `parent`, unless it contains something. */
  async removeIfEmpty(deadline: Deadline, parent: string): Promise<void> {
    const { files } = this
    if (files !== undefined) await deadline.call(() => files.removeIfEmpty(this.pathOf(parent)))
  }

  /** Returns when an item was last written, if the driver supports it. */
  async writtenAt(deadline: Deadline, key: string): Promise<number | undefined> {
    const meta = await deadline.call(() => this.context.driver.getMeta?.(key, {}))
    return meta?.mtime?.getTime()
  }

  /** The last parts of the keys directly below `parent`, which ends with `:` or is empty. */
  async* names(deadline: () => Deadline, parent: string): AsyncGenerator<string> {
    if (this.files !== undefined) return yield* this.namesOfFiles(deadline, this.files, parent)
    for (const key of await this.keys(deadline(), parent)) {
      const name = key.slice(parent.length)
      if (!name.includes(':')) yield name
    }
  }

  /** Returns all keys that begin with `parent`. Slow if the driver has many keys. */
  async keys(deadline: Deadline, parent: string): Promise<string[]> {
    const keys = await deadline.call(() => orThrow(this.context.driver.getKeys(parent, {})))
    return keys.map(key => key.replaceAll(/[/\\]/g, ':')).filter(key => key.startsWith(parent))
  }

  private async* namesOfFiles(deadline: () => Deadline, files: StoreFiles, parent: string): AsyncGenerator<string> {
    const names = files.list(this.pathOf(parent))[Symbol.asyncIterator]()
    try {
      for (let count = 1; ; count++) {
        const { done, value } = await deadline().call(() => names.next())
        if (done) return
        yield value
        if (count % RENEW_AFTER === 0) deadline().renew()
      }
    }
    finally {
      await names.return?.()
    }
  }

  private pathOf(key: string): string {
    return `${this.directory}/${key.replaceAll(':', '/')}`
  }
}

/** unstorage's drivers for files return most errors of the file system as values. */
function orThrow<T>(result: MaybePromise<T>): MaybePromise<T> {
  return andThen(result, (value) => {
    if (value instanceof Error) throw value
    return value
  })
}
