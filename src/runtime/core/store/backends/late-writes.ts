interface Late {
  /** Writes that may still arrive. */
  waiting: number
  /** What should lie there. */
  state: string | undefined
}

/**
 * Writes that were given up because the driver was silent, and may arrive later, over what was written since. When
 * such a write has arrived, `restore` is asked to put back what it replaced.
 */
export class LateWrites {
  private readonly keys = new Map<string, Late>()

  constructor(private readonly restore: (key: string, late: string, state: string | undefined) => Promise<void>) {}

  /** Keys of which a write is still on its way. */
  get size() { return this.keys.size }

  /** A write of `late` over `before` was given up. */
  expect(key: string, pending: Promise<void>, late: string, before: string | undefined): void {
    const entry = this.keys.get(key) ?? { waiting: 0, state: before }
    entry.waiting++
    this.keys.set(key, entry)
    void pending.then(() => this.arrived(key, entry, late), () => this.leave(key, entry))
  }

  /** This was written, or removed (`undefined`), and is what should lie there. */
  note(key: string, state: string | undefined): void {
    const entry = this.keys.get(key)
    if (entry !== undefined) entry.state = state
  }

  private async arrived(key: string, entry: Late, late: string): Promise<void> {
    try {
      await this.restore(key, late, entry.state)
    }
    catch {
      // The driver fails again: what arrived late stays, as it does where a process ends at this moment.
    }
    finally {
      this.leave(key, entry)
    }
  }

  private leave(key: string, entry: Late): void {
    entry.waiting--
    if (entry.waiting === 0) this.keys.delete(key)
  }
}
