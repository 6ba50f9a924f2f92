interface Entry<K, V> {
  key: K
  value: V
  bytes: number
  isUsed: boolean
  newer: Entry<K, V> | undefined
  older: Entry<K, V> | undefined
}

export interface CacheLimits { maxEntries: number, maxBytes?: number }

/**
 * A map with limits. It evicts the oldest entry first, but an entry that was used gets a second chance. A linked list
 * finds the oldest entry, because finding a map's first key takes time for each deleted one before it.
 */
export class BoundedCache<K, V> {
  private readonly entries = new Map<K, Entry<K, V>>()
  private oldest: Entry<K, V> | undefined
  private newest: Entry<K, V> | undefined
  /** Sum of the `bytes` given to `set`. */
  bytes = 0

  constructor(private readonly limits: CacheLimits) {}

  get size() { return this.entries.size }

  get(key: K): V | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    entry.isUsed = true
    return entry.value
  }

  set(key: K, value: V, bytes = 0): void {
    const { maxEntries, maxBytes = Infinity } = this.limits
    this.delete(key)
    if (bytes > maxBytes) return
    while (this.entries.size >= maxEntries || this.bytes + bytes > maxBytes) this.evict()
    const entry: Entry<K, V> = { key, value, bytes, isUsed: false, newer: undefined, older: undefined }
    this.entries.set(key, entry)
    this.append(entry)
    this.bytes += bytes
  }

  delete(key: K): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    this.unlink(entry)
    this.bytes -= entry.bytes
  }

  private evict(): void {
    let entry = this.oldest
    while (entry?.isUsed) {
      entry.isUsed = false
      this.unlink(entry)
      this.append(entry)
      entry = this.oldest
    }
    if (entry) this.delete(entry.key)
  }

  private append(entry: Entry<K, V>): void {
    entry.older = this.newest
    if (this.newest) this.newest.newer = entry
    else this.oldest = entry
    this.newest = entry
  }

  private unlink(entry: Entry<K, V>): void {
    const { older, newer } = entry
    // A removed entry must not keep newer ones in memory.
    entry.older = entry.newer = undefined
    if (older) older.newer = newer
    else this.oldest = newer
    if (newer) newer.older = older
    else this.newest = older
  }
}
