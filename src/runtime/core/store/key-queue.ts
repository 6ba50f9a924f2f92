interface Line {
  /** Resolves when the last task has ended. */
  tail: Promise<void>
  succeeded: number
}

/** Runs the tasks of each key one after the other. */
export class KeyQueue {
  private readonly lines = new Map<string, Line>()

  get size() { return this.lines.size }

  /** How many tasks of a key have succeeded since it last had none. */
  succeeded(key: string): number {
    return this.lines.get(key)?.succeeded ?? 0
  }

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.lines.get(key)
    const result = before?.tail.then(task) ?? task()
    const line = before ?? { succeeded: 0 } as Line
    const tail = line.tail = result.then(() => void line.succeeded++, () => undefined)
    this.lines.set(key, line)
    void tail.then(() => {
      if (line.tail === tail) this.lines.delete(key)
    })
    return result
  }
}
