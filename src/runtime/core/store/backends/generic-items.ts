import type { CellValue } from '../backend'
import type { StoreContext, StoreFiles } from '../context'
import type { Operation } from '../deadline'

interface Files extends StoreFiles {
  base: string
}

// Names after which a long list proves that the driver answers.
const RENEW_AFTER = 1000

/** What any unstorage driver can do, item by item. */
export class Items {
  /** Where the driver's items are files that the store may write itself. */
  readonly files: Files | undefined

  constructor(private readonly context: StoreContext) {
    this.files = filesOf(context)
  }

  /** Whether a reader may find an item half written. */
  get isTorn() { return this.files === undefined && /^fs\b/.test(this.context.driver.name ?? '') }

  get(operation: Operation, key: string): Promise<unknown> {
    return operation.call(() => this.context.driver.getItem(key, {}))
  }

  /** Starts a write: what is returned is the driver's own promise. */
  write(key: string, value: CellValue): Promise<void> {
    if (this.files !== undefined) return this.files.replace(this.pathOf(key), value.text)
    return asPromise(() => this.context.driver.setItem!(key, value.text, this.ttlOf(value)))
  }

  set(operation: Operation, key: string, value: CellValue): Promise<void> {
    return operation.call(() => this.write(key, value))
  }

  async remove(operation: Operation, key: string): Promise<void> {
    await operation.call(() => this.context.driver.removeItem!(key, {}))
  }

  /** When a file was written last, if its driver tells. */
  async writtenAt(operation: Operation, key: string): Promise<number | undefined> {
    const meta = await operation.call(() => this.context.driver.getMeta?.(key, {}))
    return meta?.mtime?.getTime()
  }

  /**
   * The last parts of the keys directly below `parent`, which ends with `:` or is empty. A step belongs to the
   * operation that is under way at that time.
   */
  async* names(operation: () => Operation, parent: string): AsyncGenerator<string> {
    if (this.files !== undefined) return yield* this.namesOfFiles(operation, this.files, parent)
    for (const key of await this.keys(operation(), parent)) {
      const name = key.slice(parent.length)
      if (!name.includes(':')) yield name
    }
  }

  /** All keys that begin with `parent`: at once, which a driver with many may take long for. */
  async keys(operation: Operation, parent: string): Promise<string[]> {
    const keys = await operation.call(() => this.context.driver.getKeys(parent, {}))
    return keys.map(key => key.replaceAll(/[/\\]/g, ':')).filter(key => key.startsWith(parent))
  }

  private async* namesOfFiles(operation: () => Operation, files: Files, parent: string): AsyncGenerator<string> {
    const names = files.list(this.pathOf(parent))[Symbol.asyncIterator]()
    try {
      for (let count = 1; ; count++) {
        const { done, value } = await operation().call(() => names.next())
        if (done) return
        yield value
        if (count % RENEW_AFTER === 0) operation().renew()
      }
    }
    finally {
      await names.return?.()
    }
  }

  private pathOf(key: string): string {
    return `${this.files!.base}/${key.replaceAll(':', '/')}`
  }

  private ttlOf({ until }: CellValue): { ttl?: number } {
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
