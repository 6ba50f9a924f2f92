import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage, SentReport } from '../runtime/server/devtools/messages'
import type { RecordedSession } from './inspected'
import { UnsentResponses } from './unsent-responses'

const LIMITS = { maxEntries: 1000 }

type Request = Pick<ObservedMessage, 'method' | 'path'>

/**
 * The last session of a browser. `end`: when its cookie ends, which the browser then deletes. `limit`: which limit of the
 * session that is. `setBy`: the request whose response set the cookie. `changedBy`: the last request that set or removed
 * it, whose response was complete at `sentAt`.
 */
export interface LastSession { key: string, end?: number, limit?: string, setBy?: Request, changedBy?: string, sentAt?: number }

/** The last session of each browser, also when the browser has no cookie any more. */
export class LastSessions {
  /** By session name and browser. */
  readonly #last = new BoundedCache<string, LastSession>(LIMITS)
  readonly #unsent = new UnsentResponses(LIMITS)

  /** Notes the session of a message's browser. `after`: the session of the message. `cleared`: the key of the one that it has cleared. */
  see(message: ObservedMessage, after: RecordedSession | undefined, cleared: string | undefined): void {
    const { kind, name, client, request, method, path, attributes } = message
    if (client === undefined) return
    const browser = `${name} ${client}`
    const change = (last: LastSession) => {
      this.#last.set(browser, last)
      if (request !== undefined) this.#unsent.add(request, browser, last)
    }
    if (kind === 'clear' && cleared !== undefined) change({ key: cleared, changedBy: request })
    if (!after || kind === 'clear') return
    const end = after.cookie?.attributes.expires
    const seen = { key: after.key, end, limit: isSameTime(end, after.expiresAt) ? after.limit : undefined }
    const known = this.#last.get(browser)
    if (attributes !== undefined) change({ ...seen, setBy: { method, path }, changedBy: request })
    // The same object, so that the end of an earlier request is noted in it.
    else this.#last.set(browser, known?.key === seen.key ? Object.assign(known, seen) : seen)
  }

  /** The response is complete: its browser has stored or deleted the cookie. */
  finish(report: SentReport): void {
    this.#unsent.finish(report)
  }

  /** The last session of a browser whose request lacks its cookie, if the cookie has ended, or was set or removed before the request began. */
  lackedBy(message: ObservedMessage): LastSession | undefined {
    const { transport, at, startedAt = at } = message
    const last = this.#lastOf(message)
    if (transport !== 'none' || !last) return undefined
    if (this.endedBefore(message) !== undefined || last.changedBy === undefined) return last
    return last.sentAt !== undefined && startedAt >= last.sentAt ? last : undefined
  }

  /** When the cookie that a request lacks ended before it, if it did. */
  endedBefore(message: ObservedMessage): number | undefined {
    const { at, startedAt = at } = message
    const { end } = this.#lastOf(message) ?? {}
    return end !== undefined && end <= startedAt ? end : undefined
  }

  #lastOf({ name, client, lacksCookie }: ObservedMessage): LastSession | undefined {
    return lacksCookie && client !== undefined ? this.#last.get(`${name} ${client}`) : undefined
  }
}

/** A cookie's Max-Age has whole seconds. */
function isSameTime(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1000
}
