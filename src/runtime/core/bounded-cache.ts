interface Entry<K, V> {
  key: K
  value: V
  bytes: number
  isUsed: boolean
  /** The entry that goes after this one. */
  newer: Entry<K, V> | undefined
  older: Entry<K, V> | undefined
}

export interface CacheLimits {
  maxEntries: number
  maxBytes: number
}

/**
 * A map that forgets. The oldest entry goes first, unless it was used since it was last looked at: then it gets
 * a second chance. A hit writes one bit, so reading costs little more than the map.
 *
 * Its own chain tells which entry is the oldest: the map's first has to be searched behind all that were deleted.
 */
export class BoundedCache<K, V> {
  private readonly entries = new Map<K, Entry<K, V>>()
  private oldest: Entry<K, V> | undefined
  private newest: Entry<K, V> | undefined
  private total = 0

  constructor(private readonly limits: CacheLimits) {}

  get size() { return this.entries.size }
  /** As the callers of `set` counted them. */
  get bytes() { return this.total }

  get(key: K): V | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    entry.isUsed = true
    return entry.value
  }

  set(key: K, value: V, bytes: number): void {
    this.delete(key)
    if (bytes > this.limits.maxBytes) return
    while (this.entries.size >= this.limits.maxEntries || this.total + bytes > this.limits.maxBytes) this.evict()
    const entry: Entry<K, V> = { key, value, bytes, isUsed: false, newer: undefined, older: undefined }
    this.entries.set(key, entry)
    this.append(entry)
    this.total += bytes
  }

  delete(key: K): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    this.detach(entry)
    this.total -= entry.bytes
  }

  private evict(): void {
    let entry = this.oldest
    while (entry?.isUsed) {
      entry.isUsed = false
      this.detach(entry)
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

  private detach(entry: Entry<K, V>): void {
    const { older, newer } = entry
    // What is forgotten must not keep later entries in memory.
    entry.older = entry.newer = undefined
    if (older) older.newer = newer
    else this.oldest = newer
    if (newer) newer.older = older
    else this.newest = older
  }
}
