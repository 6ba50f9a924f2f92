import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { SentReport } from '../runtime/server/devtools/messages'

/** What a response sets in a browser. `sentAt`: when the response was complete, in milliseconds since 1970. */
interface Sent { sentAt?: number }

/** What responses set that are not complete, by the request, and by session name and browser: the last only. */
export class UnsentResponses {
  readonly #unsent: BoundedCache<string, Map<string, Sent>>

  constructor(limits: { maxEntries: number }) {
    this.#unsent = new BoundedCache(limits)
  }

  add(request: string, browser: string, sent: Sent): void {
    const unsent = this.#unsent.get(request) ?? new Map<string, Sent>()
    this.#unsent.set(request, unsent.set(browser, sent))
  }

  /** The response is complete. */
  finish({ request, at }: SentReport): void {
    for (const sent of this.#unsent.get(request)?.values() ?? []) sent.sentAt = at
    this.#unsent.delete(request)
  }
}
