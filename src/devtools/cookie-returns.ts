import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { hasArrived } from './answers'
import type { Answer } from './answers'

const LIMITS = { maxEntries: 100 }
/** Sessions of one browser. */
const MAX_REPLACED = 20

/** A session that a response sets in a browser. */
interface Awaited { key: string, answer: Answer }

/**
 * Finds cookies that a response has set and that are not in the browser's next request. A request that began after the
 * response was complete counts as the next, however soon: one that was sent before the browser stored the cookie is seldom,
 * and the cookie then comes with a later one.
 */
export class CookieReturns {
  /** By session name and browser: the last session that it was sent. */
  readonly #awaited = new BoundedCache<string, Awaited>(LIMITS)
  /** By session name and browser: the last session whose cookie a request lacked. */
  readonly #missing = new BoundedCache<string, Awaited>(LIMITS)
  /** By session name and browser: the sessions whose cookie was missing in a request that has got another one. */
  readonly #replaced = new BoundedCache<string, string[]>(LIMITS)
  /** The session name and browser of each session in `#awaited`, also later. */
  readonly #browsers = new BoundedCache<string, string>({ maxEntries: 1000 })

  /**
   * Returns the key of the session whose cookie this request should have sent. `sent`: that of the session that it sent.
   * `key`: that of the message's session.
   */
  missingIn({ kind, name, client, request, at, startedAt, transport, lacksCookie, session, attributes }: ObservedMessage, answer: Answer, { sent, key }: { sent?: string, key?: string }): string | undefined {
    if (client === undefined || request === undefined || startedAt === undefined) return undefined
    const browser = `${name} ${client}`
    const awaited = this.#awaited.get(browser)
    // Of the cookies of parallel responses, a browser keeps one.
    const hasReturned = transport === 'cookie' && (sent ?? key) !== undefined
    const isMissing = transport === 'none' && lacksCookie && awaited !== undefined && hasArrived(awaited.answer, startedAt)
    const isRemoved = kind === 'clear' && awaited?.answer === answer
    if (hasReturned || isMissing || isRemoved) this.#awaited.delete(browser)
    if (isMissing) this.#missing.set(browser, { key: awaited.key, answer })
    // A write after the response, such as in waitUntil(), sends no cookie.
    const isSent = attributes !== undefined && !hasArrived(answer, at - 1)
    if (session && key !== undefined && transport === 'none' && isSent) this.#await(browser, { key, answer })
    return isMissing ? awaited.key : undefined
  }

  /** A request of the panel has the cookie of a session. */
  markReturned(key: string): void {
    const browser = this.#browsers.get(key)
    if (browser !== undefined && this.#awaited.get(browser)?.key === key) this.#awaited.delete(browser)
  }

  /**
   * The session of a cookie that has come back, and those of the same browser whose cookie was replaced before it could: of
   * many parallel requests of a first visit, each may set another cookie.
   */
  returnedWith(key: string): string[] {
    return [key, ...this.#replaced.get(this.#browsers.get(key) ?? '') ?? []]
  }

  #await(browser: string, awaited: Awaited): void {
    this.#awaited.set(browser, awaited)
    this.#browsers.set(awaited.key, browser)
    const missing = this.#missing.get(browser)
    if (missing?.answer === awaited.answer) this.#replaced.set(browser, [...this.#replaced.get(browser) ?? [], missing.key].slice(-MAX_REPLACED))
  }
}
