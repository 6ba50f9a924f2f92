import type { ObservedMessage } from '../runtime/server/devtools/messages'

const MAX_BROWSERS = 1000

/** When the cookie of each browser ends, which the browser then deletes. */
export class CookieEnds {
  /** By session name and browser: milliseconds since 1970. */
  readonly #ends = new Map<string, number>()

  /** Notes the cookie that a browser has after a message. `end`: that of the message's session. */
  see({ kind, name, client, session }: ObservedMessage, end: number | undefined): void {
    if (client === undefined || (!session && kind !== 'clear')) return
    const browser = `${name} ${client}`
    this.#ends.delete(browser)
    if (end === undefined) return
    this.#ends.set(browser, end)
    const [oldest] = this.#ends.keys()
    if (this.#ends.size > MAX_BROWSERS) this.#ends.delete(oldest!)
  }

  /** When the cookie that a request lacks ended before it, if it did. */
  endedBefore({ name, client, lacksCookie, at, startedAt = at }: ObservedMessage): number | undefined {
    const end = lacksCookie && client !== undefined ? this.#ends.get(`${name} ${client}`) : undefined
    return end !== undefined && end <= startedAt ? end : undefined
  }
}
