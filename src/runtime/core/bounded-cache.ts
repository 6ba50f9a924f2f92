interface Entry<V> { value: V, bytes: number, isUsed: boolean }

export interface CacheLimits {
  maxEntries: number
  maxBytes: number
}

/**
 * A map that forgets. The oldest entry goes first, unless it was used since it was last looked at: then it gets
 * a second chance. A hit writes one bit, so reading costs little more than the map.
 */
export class BoundedCache<K, V> {
  private readonly entries = new Map<K, Entry<V>>()
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
    this.entries.set(key, { value, bytes, isUsed: false })
    this.total += bytes
  }

  delete(key: K): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    this.total -= entry.bytes
  }

  private evict(): void {
    for (const [key, entry] of this.entries) {
      if (!entry.isUsed) {
        this.delete(key)
        return
      }
      entry.isUsed = false
      this.entries.delete(key)
      this.entries.set(key, entry)
    }
  }
}
