import type { ObservedMessage, WorkerReport } from '../runtime/server/devtools/messages'

const MAX_AWAITED = 100
/** A request that the browser sent before it stored the cookie may arrive slightly later. */
const GRACE_MS = 100

/** A session that a browser was sent. `sentAt`: when the response was complete. */
interface Awaited { key: string, request: string, sentAt?: number }

/** Finds cookies that a response has set and that are not in the browser's next request. */
export class CookieReturns {
  /** By session name and browser: the last session that it was sent. */
  readonly #awaited = new Map<string, Awaited>()

  /** The response is complete, so its browser has the cookie from now on. */
  finish({ request, at }: Extract<WorkerReport, { type: 'sent' }>): void {
    for (const awaited of this.#awaited.values()) if (awaited.request === request) awaited.sentAt = at
  }

  /**
   * Returns the key of the session whose cookie this request should have sent. `sent`: that of the session that it sent.
   * `key`: that of the message's session.
   */
  missingIn({ kind, name, client, request, startedAt, carrier, lacksCookie, session, attributes }: ObservedMessage, { sent, key }: { sent?: string, key?: string }): string | undefined {
    if (client === undefined || request === undefined || startedAt === undefined) return undefined
    const browser = `${name} ${client}`
    const awaited = this.#awaited.get(browser)
    const hasReturned = carrier === 'cookie' && (awaited?.key === sent || awaited?.key === key)
    const isMissing = carrier === 'none' && lacksCookie && awaited?.sentAt !== undefined && startedAt > awaited.sentAt + GRACE_MS
    const isRemoved = kind === 'clear' && awaited?.request === request
    if (hasReturned || isMissing || isRemoved) this.#awaited.delete(browser)
    if (session && key !== undefined && carrier === 'none' && attributes !== undefined) this.#await(browser, { key, request })
    return isMissing ? awaited.key : undefined
  }

  #await(browser: string, awaited: Awaited): void {
    this.#awaited.delete(browser)
    this.#awaited.set(browser, awaited)
    const [oldest] = this.#awaited.keys()
    if (this.#awaited.size > MAX_AWAITED) this.#awaited.delete(oldest!)
  }
}
