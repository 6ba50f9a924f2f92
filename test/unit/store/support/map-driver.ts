import type { StoreDriver } from '../../../../src/runtime/core/store/context'

type Method = 'getItem' | 'setItem' | 'removeItem' | 'getKeys'

/** A minimal driver over a map. A test can count its calls, hold them back and make them fail. */
export class MapDriver implements StoreDriver {
  readonly name = 'plain'
  readonly calls: { method: Method, key: string }[] = []
  readonly ttls = new Map<string, number | undefined>()
  /** Awaited before each call. */
  before: (method: Method, key: string) => unknown = () => undefined

  constructor(readonly items = new Map<string, unknown>()) {}

  getItem = (key: string): Promise<unknown> => this.#do('getItem', key, () => this.items.get(key) ?? null)
  setItem = (key: string, value: string, { ttl }: { ttl?: number }) => this.#do('setItem', key, () => {
    this.items.set(key, value)
    this.ttls.set(key, ttl)
  })

  removeItem = (key: string) => this.#do('removeItem', key, () => void this.items.delete(key))
  getKeys = (base: string) => this.#do('getKeys', base, () => [...this.items.keys()])

  /** Returns how often a method was called since the last time. */
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
