import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { hasArrived } from './answers'
import type { Answer } from './answers'
import type { Overwrite } from './protocol'

const LIMITS = { maxEntries: 100 }
/** Sessions of one browser. */
const MAX_REPLACED = 20

/** A session that a response sets in a browser without one. */
interface Awaited extends Pick<ObservedMessage, 'method' | 'path'> { key: string, answer: Answer }

/** What a request shows of the sessions that its browser was sent. `missing`: those whose cookie it lacks. */
interface Shown { missing: readonly string[], overwritten: readonly { key: string, by: Overwrite }[] }

const NOTHING: Shown = { missing: [], overwritten: [] }

/**
 * Finds cookies that a response has set and that are not in the browser's next request, and those that a parallel response
 * with another session has replaced. A request that began after the
 * response was sent counts as the next, however soon: one that was sent before the browser stored the cookie is seldom,
 * and the cookie then comes with a later one.
 */
export class CookieReturns {
  /** By session name and browser: the sessions that it was sent, until one comes back. */
  readonly #awaited = new BoundedCache<string, readonly Awaited[]>(LIMITS)
  /** By session name and browser: the last session whose cookie a request lacked. */
  readonly #missing = new BoundedCache<string, Pick<Awaited, 'key' | 'answer'>>(LIMITS)
  /** By session name and browser: the sessions whose cookie was missing in a request that has got another one. */
  readonly #replaced = new BoundedCache<string, string[]>(LIMITS)
  /** The session name and browser of each session in `#awaited`, also later. */
  readonly #browsers = new BoundedCache<string, string>({ maxEntries: 1000 })

  /** `sent`: the key of the session that this request sent. `key`: that of the message's session. */
  see(message: ObservedMessage, answer: Answer, { sent, key }: { sent?: string, key?: string }): Shown {
    const { kind, name, client, request, at, startedAt, transport, lacksCookie, session, attributes } = message
    if (client === undefined || request === undefined || startedAt === undefined) return NOTHING
    const browser = `${name} ${client}`
    const awaited = this.#awaited.get(browser) ?? []
    const returned = transport === 'cookie' ? sent ?? key : undefined
    const arrived = awaited.filter(each => hasArrived(each.answer, startedAt))
    const missing = transport === 'none' && lacksCookie ? arrived : []
    const isOver = (each: Awaited) => missing.includes(each) || (kind === 'clear' && each.answer === answer)
    this.#awaited.set(browser, returned === undefined ? awaited.filter(each => !isOver(each)) : [])
    for (const each of missing) this.#missing.set(browser, { key: each.key, answer })
    // A write after the response, such as in waitUntil(), sends no cookie.
    const isSent = attributes !== undefined && !hasArrived(answer, at - 1)
    if (session && key !== undefined && transport === 'none' && isSent) this.#await(browser, message, { key, answer })
    return { missing: missing.map(each => each.key), overwritten: returned === undefined ? [] : overwrittenBy(returned, arrived) }
  }

  /** A request of the panel has the cookie of a session. */
  markReturned(key: string): void {
    const browser = this.#browsers.get(key)
    if (browser !== undefined && this.#awaited.get(browser)?.some(each => each.key === key)) this.#awaited.delete(browser)
  }

  /**
   * The session of a cookie that has come back, and those of the same browser whose cookie was replaced before it could: of
   * many parallel requests of a first visit, each may set another cookie.
   */
  returnedWith(key: string): string[] {
    return [key, ...this.#replaced.get(this.#browsers.get(key) ?? '') ?? []]
  }

  #await(browser: string, { method, path }: ObservedMessage, { key, answer }: Pick<Awaited, 'key' | 'answer'>): void {
    const others = this.#awaited.get(browser)?.filter(each => each.answer !== answer) ?? []
    this.#awaited.set(browser, [...others, { key, answer, method, path }].slice(-MAX_REPLACED))
    this.#browsers.set(key, browser)
    const missing = this.#missing.get(browser)
    if (missing?.answer === answer) this.#replaced.set(browser, [...this.#replaced.get(browser) ?? [], missing.key].slice(-MAX_REPLACED))
  }
}

/** The sessions of parallel responses that the browser got before the one that has come back. It keeps the last one. */
function overwrittenBy(returned: string, arrived: readonly Awaited[]): Shown['overwritten'] {
  const kept = arrived.find(({ key }) => key === returned)
  if (!kept) return []
  const { method, path, answer: { startedAt, sentAt: at = Infinity } } = kept
  const isBefore = ({ sentAt = Infinity }: Answer) => sentAt <= at && startedAt <= sentAt
  return arrived.filter(each => each !== kept && isBefore(each.answer)).map(({ key }) => ({ key, by: { at, method, path } }))
}
