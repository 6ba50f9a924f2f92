import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { hasArrived, isLate } from './answers'
import type { Answer } from './answers'
import type { RecordedSession } from './inspected'
import { isSameTime } from './same-time'

const LIMITS = { maxEntries: 1000 }

const COOKIE_LIMIT = 'the cookie\'s own lifetime (cookie.maxAge, cookie.expires)'

type Request = Pick<ObservedMessage, 'method' | 'path'>

/**
 * The last session of a browser. `end`: when its cookie ends, which the browser then deletes. `limit`: which limit of the
 * session or its cookie that is. `setBy`: the request whose response set the cookie. `sentBy`: the last one that sent it
 * back. `answer`: the response that set or removed it.
 */
export interface LastSession { key: string, end?: number, limit?: string, setBy?: Request, sentBy?: Request, answer?: Answer }

/** `before`: the last session until the response is sent, and after it if the client has left before. */
interface Changed extends LastSession { before?: Changed }

/** The last session of each browser, also when the browser has no cookie any more. */
export class LastSessions {
  /** By session name and browser. */
  readonly #last = new BoundedCache<string, Changed>(LIMITS)
  /** The same of the last session with a user. */
  readonly #users = new BoundedCache<string, LastSession>(LIMITS)

  /** Notes the session of a message's browser. `after`: the session of the message. `before`: the key of the one before it. */
  see(message: ObservedMessage, answer: Answer, after: RecordedSession | undefined, before: string | undefined): void {
    const { kind, name, client, method, path, transport, attributes } = message
    if (client === undefined) return
    const browser = `${name} ${client}`
    const known = this.#last.get(browser)
    const change = (seen: LastSession) => {
      if (!isLate(message, answer)) this.#last.set(browser, { ...seen, answer, before: arrivedOf(known) })
    }
    // A browser does not keep what a header sends.
    if (transport === 'header' || (transport === 'none' && kind !== 'clear' && attributes === undefined)) return
    if (kind === 'clear' && before !== undefined) change({ key: before })
    if (!after || kind === 'clear') return
    const end = after.cookie?.attributes.expires
    const request = { method, path }
    const limit = isSameTime(end, after.expiresAt) ? after.limit : undefined
    // A request whose session got a new id has sent the old one.
    const seen = { key: after.key, end, ...limit !== undefined && { limit }, ...transport === 'cookie' && before === after.key && { sentBy: request } }
    // A request that did not use the session is seen at its end: the browser may have another one since.
    if (kind !== 'unused' && after.userId !== undefined && !isLate(message, answer)) this.#users.set(browser, { ...seen, answer })
    if (attributes !== undefined) return change({ ...seen, limit: limit ?? COOKIE_LIMIT, setBy: request })
    // The same objects, so that the end of an earlier request is noted in them.
    const same = [known, known?.before].filter(each => each?.key === seen.key)
    if (same.length > 0) for (const each of same) Object.assign(each!, seen)
    else if (kind !== 'unused') this.#last.set(browser, seen)
  }

  /** The key of the session whose cookie a response has set. */
  setBy(answer: Answer, { name, client }: Pick<ObservedMessage, 'name' | 'client'>): string | undefined {
    const last = this.#last.get(`${name} ${client}`)
    return last?.answer === answer ? last.key : undefined
  }

  /** The key of the browser's last session whose response is sent. */
  arrivedAt({ name, client }: Pick<ObservedMessage, 'name' | 'client'>): string | undefined {
    return client === undefined ? undefined : arrivedOf(this.#last.get(`${name} ${client}`))?.key
  }

  /** The last session of a browser whose request lacks its cookie, if the cookie has ended, or was set or removed before the request began. */
  lackedBy(message: ObservedMessage): LastSession | undefined {
    const { transport, at, startedAt = at } = message
    const last = this.#lastOf(message)
    if (transport !== 'none' || !last) return undefined
    return (last.answer?.sentAt ?? startedAt) <= startedAt || this.endedBefore(message) !== undefined ? last : undefined
  }

  /** When the cookie that a request lacks ended before it, if it did. */
  endedBefore(message: ObservedMessage): number | undefined {
    const { at, startedAt = at } = message
    const { end } = this.#lastOf(message) ?? {}
    return end !== undefined && end <= startedAt ? end : undefined
  }

  /** The key of the last session with a user of a browser whose request has another one. */
  lastUserOf({ name, client }: ObservedMessage, key: string | undefined): string | undefined {
    const last = client === undefined ? undefined : this.#users.get(`${name} ${client}`)
    return last && last.key !== key && !last.answer?.isAborted ? last.key : undefined
  }

  #lastOf({ name, client, lacksCookie }: ObservedMessage): LastSession | undefined {
    return lacksCookie && client !== undefined ? arrivedOf(this.#last.get(`${name} ${client}`)) : undefined
  }
}

/** The last session whose response is sent, or else the first one, whose client has left before. */
function arrivedOf(last: Changed | undefined): Changed | undefined {
  if (last?.answer && !hasArrived(last.answer)) return last.before ?? (last.answer.isAborted ? last : undefined)
  return last && { ...last, before: undefined }
}
