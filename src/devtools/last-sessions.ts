import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage, SentReport } from '../runtime/server/devtools/messages'
import type { RecordedSession } from './inspected'
import { UnsentResponses } from './unsent-responses'

const LIMITS = { maxEntries: 1000 }

type Request = Pick<ObservedMessage, 'method' | 'path'>

/**
 * The last session of a browser. `end`: when its cookie ends, which the browser then deletes. `limit`: which limit of the
 * session that is. `setBy`: the request whose response set the cookie. `sentAt`: when the response that set or removed it
 * was complete, `Infinity` until then.
 */
export interface LastSession { key: string, end?: number, limit?: string, setBy?: Request, sentAt?: number }

/** `before`: the last session until the response is complete, which it never is if the client has left or had it already. */
interface Changed extends LastSession { before?: Changed }

/** The last session of each browser, also when the browser has no cookie any more. */
export class LastSessions {
  /** By session name and browser. */
  readonly #last = new BoundedCache<string, Changed>(LIMITS)
  readonly #unsent = new UnsentResponses(LIMITS)

  /** Notes the session of a message's browser. `after`: the session of the message. `cleared`: the key of the one that it has cleared. */
  see(message: ObservedMessage, after: RecordedSession | undefined, cleared: string | undefined): void {
    const { kind, name, client, request, method, path, attributes } = message
    if (client === undefined) return
    const browser = `${name} ${client}`
    const known = this.#last.get(browser)
    const change = (seen: LastSession) => {
      const last = { ...seen, ...request !== undefined && { sentAt: Infinity, before: sentOf(known) } }
      this.#last.set(browser, last)
      if (request !== undefined) this.#unsent.add(request, browser, last)
    }
    if (kind === 'clear' && cleared !== undefined) change({ key: cleared })
    if (!after || kind === 'clear') return
    const end = after.cookie?.attributes.expires
    const seen = { key: after.key, end, limit: isSameTime(end, after.expiresAt) ? after.limit : undefined }
    if (attributes !== undefined) return change({ ...seen, setBy: { method, path } })
    // The same objects, so that the end of an earlier request is noted in them.
    const same = [known, known?.before].filter(each => each?.key === seen.key)
    if (same.length > 0) for (const each of same) Object.assign(each!, seen)
    else this.#last.set(browser, seen)
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
    const { sentAt = startedAt } = last
    return startedAt >= sentAt || this.endedBefore(message) !== undefined ? last : undefined
  }

  /** When the cookie that a request lacks ended before it, if it did. */
  endedBefore(message: ObservedMessage): number | undefined {
    const { at, startedAt = at } = message
    const { end } = this.#lastOf(message) ?? {}
    return end !== undefined && end <= startedAt ? end : undefined
  }

  #lastOf({ name, client, lacksCookie }: ObservedMessage): LastSession | undefined {
    return lacksCookie && client !== undefined ? sentOf(this.#last.get(`${name} ${client}`)) : undefined
  }
}

/** The last session whose response is complete. */
function sentOf(last: Changed | undefined): Changed | undefined {
  if (last?.sentAt === Infinity) return last.before
  return last && { ...last, before: undefined }
}

/** A cookie's Max-Age has whole seconds. */
function isSameTime(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1000
}
