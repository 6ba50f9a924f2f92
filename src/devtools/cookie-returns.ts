import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage, SentReport } from '../runtime/server/devtools/messages'

const LIMITS = { maxEntries: 100 }

/** A session that a browser was sent. `sentAt`: when the response was complete. */
interface Awaited { key: string, request: string, sentAt?: number }

/**
 * Finds cookies that a response has set and that are not in the browser's next request. A request that began after the
 * response was complete counts as the next, however soon: one that was sent before the browser stored the cookie is seldom,
 * and the cookie then comes with a later one.
 */
export class CookieReturns {
  /** By session name and browser: the last session that it was sent. */
  readonly #awaited = new BoundedCache<string, Awaited>(LIMITS)
  /** Those whose response is not complete, by its request. */
  readonly #unsent = new BoundedCache<string, Awaited[]>(LIMITS)
  /** By session name and browser: the last session whose cookie a request lacked. */
  readonly #missing = new BoundedCache<string, Awaited>(LIMITS)
  /** By the key of a session: that of the one whose cookie the same request lacked. */
  readonly #replaced = new BoundedCache<string, string>(LIMITS)

  /** The response is complete, so its browser has the cookie from now on. */
  finish({ request, at }: SentReport): void {
    for (const awaited of this.#unsent.get(request) ?? []) awaited.sentAt = at
    this.#unsent.delete(request)
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
    const isMissing = carrier === 'none' && lacksCookie && awaited?.sentAt !== undefined && startedAt >= awaited.sentAt
    const isRemoved = kind === 'clear' && awaited?.request === request
    if (hasReturned || isMissing || isRemoved) this.#awaited.delete(browser)
    if (isMissing) this.#missing.set(browser, { key: awaited.key, request })
    if (session && key !== undefined && carrier === 'none' && attributes !== undefined) this.#await(browser, { key, request })
    return isMissing ? awaited.key : undefined
  }

  /**
   * The session of a cookie that has come back, and those whose cookie it has replaced before they could: of many requests
   * of a first visit, each may set another cookie.
   */
  returnedWith(key: string): string[] {
    const keys = new Set([key])
    for (const each of keys) {
      const replaced = this.#replaced.get(each)
      if (replaced !== undefined) keys.add(replaced)
    }
    return [...keys]
  }

  #await(browser: string, awaited: Awaited): void {
    const { request } = awaited
    this.#awaited.set(browser, awaited)
    this.#unsent.set(request, [...this.#unsent.get(request) ?? [], awaited])
    const missing = this.#missing.get(browser)
    if (missing?.request === request) this.#replaced.set(awaited.key, missing.key)
  }
}
