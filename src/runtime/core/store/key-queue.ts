/** Runs the tasks of each key one after the other. */
export class KeyQueue {
  private readonly tails = new Map<string, Promise<void>>()

  get size() { return this.tails.size }

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const result = this.tails.get(key)?.then(task) ?? task()
    const tail = result.then(() => undefined, () => undefined)
    this.tails.set(key, tail)
    void tail.then(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key)
    })
    return result
  }
}
