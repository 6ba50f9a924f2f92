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

  /** Watches a write of `late` over `before` that missed its deadline. */
  async watch(key: string, pending: Promise<void>, late: string, before: string | undefined): Promise<void> {
    const entry = this.keys.get(key) ?? { pending: 0, state: before }
    entry.pending++
    this.keys.set(key, entry)
    try {
      await pending
      await this.restore(key, late, entry.state)
    }
    catch {
      // Nothing was written, or the late value stays, as it does if the process ends at this moment.
    }
    entry.pending--
    if (entry.pending === 0) this.keys.delete(key)
  }

  /** Sets the value that the key should have; `undefined` if it was removed. */
  noteState(key: string, state: string | undefined): void {
    const entry = this.keys.get(key)
    if (entry !== undefined) entry.state = state
  }
}
