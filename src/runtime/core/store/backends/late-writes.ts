interface Late {
  /** Number of pending writes. */
  pending: number
  /** The value that the key should have. */
  state: string | undefined
}

/**
 * Watches writes that missed their deadline. Such a write may still happen later and overwrite a newer value. If it
 * does, `restore` writes back the value that the key should have.
 */
export class LateWrites {
  private readonly keys = new Map<string, Late>()

  constructor(private readonly restore: (key: string, late: string, state: string | undefined) => Promise<void>) {}

  /** Number of keys with a pending write. */
  get size() { return this.keys.size }

  /** Watches a write of `late` over `before` that missed its deadline. */
  watch(key: string, pending: Promise<void>, late: string, before: string | undefined): void {
    const entry = this.keys.get(key) ?? { pending: 0, state: before }
    entry.pending++
    this.keys.set(key, entry)
    void pending.then(() => this.restoreAfter(key, entry, late), () => this.release(key, entry))
  }

  /** Sets the value that the key should have; `undefined` if it was removed. */
  noteState(key: string, state: string | undefined): void {
    const entry = this.keys.get(key)
    if (entry !== undefined) entry.state = state
  }

  private async restoreAfter(key: string, entry: Late, late: string): Promise<void> {
    try {
      await this.restore(key, late, entry.state)
    }
    catch {
      // The late value stays, as it does if the process ends at this moment.
    }
    finally {
      this.release(key, entry)
    }
  }

  private release(key: string, entry: Late): void {
    entry.pending--
    if (entry.pending === 0) this.keys.delete(key)
  }
}
