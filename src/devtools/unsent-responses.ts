import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { SentReport } from '../runtime/server/devtools/messages'

/** What a response sets in a browser. `sentAt`: when the response was complete, in milliseconds since 1970. */
interface Sent { sentAt?: number }

/** What responses set that are not complete, by the request. */
export class UnsentResponses {
  readonly #unsent: BoundedCache<string, Sent[]>

  constructor(limits: { maxEntries: number }) {
    this.#unsent = new BoundedCache(limits)
  }

  add(request: string, sent: Sent): void {
    this.#unsent.set(request, [...this.#unsent.get(request) ?? [], sent])
  }

  /** The response is complete. */
  finish({ request, at }: SentReport): void {
    for (const sent of this.#unsent.get(request) ?? []) sent.sentAt = at
    this.#unsent.delete(request)
  }
}
