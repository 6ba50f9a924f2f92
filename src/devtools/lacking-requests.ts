import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { Requests } from './requests'

const LIMITS = { maxEntries: 100 }
/** Denied requests of one session. */
const MAX_DENIED = 20

/** A denied request that lacked a cookie: its event, and the explanation if the cookie comes with a later request. */
interface Lacking { request: string, seq: number, explanation: string | undefined }

/** The denied requests that lacked the cookie of a session, until it comes back. */
export class LackingRequests {
  /** By the session's key. */
  readonly #denied = new BoundedCache<string, Lacking[]>(LIMITS)

  constructor(private readonly requests: Requests) {}

  has(key: string): boolean {
    return this.#denied.get(key) !== undefined
  }

  add(key: string, lacking: Lacking): void {
    this.#denied.set(key, [...this.#denied.get(key) ?? [], lacking].slice(-MAX_DENIED))
  }

  /** The cookie of a session has come back. */
  explain(key: string, at: number): void {
    for (const { request, seq, explanation } of this.#denied.get(key) ?? []) this.requests.change(request, seq, { explanation }, at)
    this.#denied.delete(key)
  }
}
