import type { BackendValue } from '../backend'
import type { StoreContext, StoreFiles } from '../context'
import type { Deadline } from '../deadline'

interface Files extends StoreFiles {
  base: string
}

// The deadline is renewed after so many file names.
const RENEW_AFTER = 1000

/** Reads and writes the items of any unstorage driver. */
export class DriverItems {
  /** Set if the items are files, which the store then lists and writes itself. */
  readonly files: Files | undefined

  constructor(private readonly context: StoreContext) {
    this.files = filesOf(context)
  }

  /** Whether a read may return a partly written item. */
  get hasTornReads() { return this.files === undefined && /^fs\b/.test(this.context.driver.name ?? '') }

  get(deadline: Deadline, key: string): Promise<unknown> {
    return deadline.call(() => this.context.driver.getItem(key, {}))
  }

  /** Starts a write without a deadline and returns the driver's own promise. */
  write(key: string, value: BackendValue): Promise<void> {
    if (this.files !== undefined) return this.files.replace(this.pathOf(key), value.text)
    return asPromise(() => this.context.driver.setItem!(key, value.text, this.ttlOf(value)))
  }

  set(deadline: Deadline, key: string, value: BackendValue): Promise<void> {
    return deadline.call(() => this.write(key, value))
  }

  async remove(deadline: Deadline, key: string): Promise<void> {
    await deadline.call(() => this.context.driver.removeItem!(key, {}))
  }

  /** Returns when an item was last written, if the driver supports it. */
  async writtenAt(deadline: Deadline, key: string): Promise<number | undefined> {
    const meta = await deadline.call(() => this.context.driver.getMeta?.(key, {}))
    return meta?.mtime?.getTime()
  }

  /**
   * The last parts of the keys directly below `parent`, which ends with `:` or is empty. Each step uses the deadline
   * that `deadline` returns at that time.
   */
  async* names(deadline: () => Deadline, parent: string): AsyncGenerator<string> {
    if (this.files !== undefined) return yield* this.namesOfFiles(deadline, this.files, parent)
    for (const key of await this.keys(deadline(), parent)) {
      const name = key.slice(parent.length)
      if (!name.includes(':')) yield name
    }
  }

  /** Returns all keys that begin with `parent`. Slow if the driver has many keys. */
  async keys(deadline: Deadline, parent: string): Promise<string[]> {
    const keys = await deadline.call(() => this.context.driver.getKeys(parent, {}))
    return keys.map(key => key.replaceAll(/[/\\]/g, ':')).filter(key => key.startsWith(parent))
  }

  private async* namesOfFiles(deadline: () => Deadline, files: Files, parent: string): AsyncGenerator<string> {
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
    return `${this.files!.base}/${key.replaceAll(':', '/')}`
  }

  private ttlOf({ until }: BackendValue): { ttl?: number } {
    if (until === undefined) return {}
    return { ttl: Math.max(1, Math.ceil((until - this.context.env.now()) / 1000)) }
  }
}

function filesOf({ driver, env }: StoreContext): Files | undefined {
  const { base, readOnly } = (driver.options ?? {}) as { base?: unknown, readOnly?: boolean }
  if (env.files === undefined || typeof base !== 'string' || readOnly) return undefined
  return driver.name === 'fs' || driver.name === 'fs-lite' ? { ...env.files, base: base.replace(/[/\\]$/, '') } : undefined
}

async function asPromise(run: () => unknown): Promise<void> {
  await run()
}
