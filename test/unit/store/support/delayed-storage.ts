import type { StoreDriver } from '../../../../src/runtime/core/store/context'

interface Write {
  key: string
  /** `undefined` if the key was removed. */
  value: string | undefined
  at: number
  location: object
}

/**
 * An eventually consistent storage. Each location reads its own writes at once, and those of other locations `delay`
 * milliseconds later. Of several writes to a key, the last one wins.
 */
export class DelayedStorage {
  #writes: Write[] = []

  constructor(readonly delay: number, private readonly now: () => number) {}

  /** The driver in a new location. The store takes it for Cloudflare KV. */
  location(name = 'cloudflare-kv-binding'): StoreDriver {
    const location = {}
    const write = (key: string, value: string | undefined) => { this.#writes.push({ key, value, at: this.now(), location }) }
    return {
      name,
      getItem: async key => this.#itemsAt(location).get(key) ?? null,
      setItem: async (key, value) => write(key, value),
      removeItem: async key => write(key, undefined),
      getKeys: async () => [...this.#itemsAt(location).keys()],
    }
  }

  #itemsAt(location: object): Map<string, string> {
    const items = new Map<string, string>()
    for (const { key, value, at, location: writer } of this.#writes) {
      if (writer !== location && at + this.delay > this.now()) continue
      if (value === undefined) items.delete(key)
      else items.set(key, value)
    }
    return items
  }
}
