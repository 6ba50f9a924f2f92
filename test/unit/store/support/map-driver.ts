import type { StoreDriver } from '../../../../src/runtime/core/store/context'

type Method = 'getItem' | 'setItem' | 'removeItem' | 'getKeys'

/** A driver of the plainest kind, over a map, whose calls a test can count, hold back and let fail. */
export class MapDriver implements StoreDriver {
  readonly name = 'plain'
  readonly calls: { method: Method, key: string }[] = []
  readonly ttls = new Map<string, number | undefined>()
  /** Called before a call is done, which waits for it. */
  before: (method: Method, key: string) => unknown = () => undefined

  constructor(readonly items = new Map<string, unknown>()) {}

  getItem = (key: string) => this.#do('getItem', key, () => this.items.get(key) ?? null)
  setItem = (key: string, value: string, { ttl }: { ttl?: number }) => this.#do('setItem', key, () => {
    this.items.set(key, value)
    this.ttls.set(key, ttl)
  })

  removeItem = (key: string) => this.#do('removeItem', key, () => void this.items.delete(key))
  getKeys = (base: string) => this.#do('getKeys', base, () => [...this.items.keys()])

  /** How often a method was called since the last look. */
  takeCalls(method: Method): number {
    const { length } = this.calls.filter(call => call.method === method)
    this.calls.length = 0
    return length
  }

  async #do<T>(method: Method, key: string, run: () => T): Promise<T> {
    this.calls.push({ method, key })
    await this.before(method, key)
    return run()
  }
}
