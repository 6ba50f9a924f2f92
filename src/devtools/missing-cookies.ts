import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'
import { CookieReturns } from './cookie-returns'
import type { Shown } from './cookie-returns'
import { explainDenied } from './explain-denied'
import { describeLastUser } from './explain-last-user'
import type { RecordedSession } from './inspected'
import { LackingRequests } from './lacking-requests'
import { LastSessions } from './last-sessions'
import { isSentBefore } from './parallel-requests'
import { requestLabel } from './request-label'
import type { Requests } from './requests'
import type { Counter, Sessions } from './sessions'

/**
 * Marks sessions whose cookie a request lacks, and explains why such a request was denied. Both at once: a parallel request
 * is taken back when the cookie comes, which the panel's own requests may also send.
 */
export class MissingCookies {
  readonly #returns = new CookieReturns()
  readonly #last = new LastSessions()
  readonly #lacking: LackingRequests

  constructor(private readonly sessions: Sessions, private readonly requests: Requests, private readonly counter: Counter) {
    this.#lacking = new LackingRequests(requests)
  }

  /** Notes a message. `before`, `after`: its session. */
  see(message: ObservedMessage, answer: Answer, before?: RecordedSession, after?: RecordedSession): void {
    const shown = this.#returns.see(message, answer, { sent: before?.key, key: after?.key })
    const isExpired = this.#last.endedBefore(message) !== undefined
    if (shown.missing.length > 0 && !isExpired) {
      if (message.kind === 'absent') this.counter.seq++
      for (const key of shown.missing) this.sessions.change(key, { unreturned: requestLabel(message) })
    }
    if (message.kind === 'absent') return
    this.#last.see(message, answer, after, before?.key)
    this.#apply({ ...shown, found: before && message.transport === 'cookie' ? [before.key, ...shown.found] : shown.found })
  }

  /** Notes what a request and its response did with the cookie of a session apart from using it. `sent`: the session of the cookie. */
  seeCookie(message: ObservedMessage, answer: Answer, sent: RecordedSession | undefined): void {
    if (message.kind === 'remove') return this.#remove(message, answer, sent)
    const shown = this.#returns.see(message, answer, { sent: sent?.key, key: sent?.key })
    // The browser has the cookie after all.
    if (sent?.overwritten?.kind === 'app' && !isSentBefore(answer.startedAt, sent.overwritten.at)) {
      this.counter.seq++
      this.sessions.change(sent.key, { overwritten: undefined })
    }
    this.#last.see(message, answer, sent, sent?.key)
    this.#applyChanges({ ...shown, found: sent ? [sent.key, ...shown.found] : shown.found })
  }

  /** A request of the panel has the cookies of these sessions. */
  markReturned(keys: readonly string[]): void {
    for (const key of keys) this.#applyChanges(this.#returns.markReturned(key))
  }

  /** Explains a denied request by what was recorded before it, and returns the session whose cookie it lacked. `sent`: the session that it sent. The event comes next. */
  explainDenied(message: ObservedMessage, sent?: RecordedSession): { explanation: string | undefined, session: RecordedSession | undefined } {
    const { name, request } = message
    const last = this.#last.lackedBy(message)
    const session = last && this.sessions.get(last.key)?.session
    const renewed = this.sessions.get(session?.next ?? '')?.session
    const denied = { last, session, renewed, isSeen: this.sessions.all().some(each => each.session.name === name), lastUser: this.#describeLastUser(message, sent) }
    const explanation = explainDenied(message, denied)
    const ifReturned = explainDenied(message, denied, true)
    if (last && request !== undefined && ifReturned !== explanation) this.#lacking.add(last.key, { request, seq: this.counter.seq, explanation: ifReturned })
    return { explanation, session }
  }

  /** Of a request that needs a user, and sent a session without one. */
  #describeLastUser(message: ObservedMessage, sent: RecordedSession | undefined): string | undefined {
    if (message.reason !== 'SESSION_REQUIRED' || !sent || sent.userId !== undefined) return undefined
    const last = this.sessions.get(this.#last.lastUserOf(message, sent.key) ?? '')?.session
    const reject = last && this.requests.all().flatMap(({ events }) => events).findLast(({ kind, key }) => kind === 'reject' && key === last.key)
    return last && describeLastUser(last, { at: message.at, createdAt: sent.createdAt, rejected: reject?.explanation })
  }

  /** The app has removed the cookie that the browser sent, or that of a session which began in this request. */
  #remove({ name, client, at, method, path }: ObservedMessage, answer: Answer, sent: RecordedSession | undefined): void {
    const key = sent && sent.ended === undefined ? sent.key : this.#last.setBy(answer, { name, client }) ?? this.#renewedOf(sent, { name, client })
    if (key === undefined || this.sessions.get(key)?.session.ended !== undefined) return
    this.counter.seq++
    this.sessions.change(key, { overwritten: { kind: 'app', at, method, path }, unreturned: undefined })
  }

  /** The session with the newest id of one that has ended, if its cookie reached the same browser before. */
  #renewedOf(sent: RecordedSession | undefined, browser: Pick<ObservedMessage, 'name' | 'client'>): string | undefined {
    const last = this.#last.arrivedAt(browser)
    for (let each = sent; each?.ended === 'regenerated' && each.next !== undefined; each = this.sessions.get(each.next)?.session)
      if (each.next === last) return last
    return undefined
  }

  #isMarked(key: string): boolean {
    return this.sessions.get(key)?.session.unreturned !== undefined
  }

  /** Applies what is new. */
  #applyChanges(shown: Pick<Shown, 'found' | 'overwritten'>): void {
    if (shown.overwritten.length === 0 && !shown.found.some(each => this.#isMarked(each) || this.#lacking.has(each))) return
    this.counter.seq++
    this.#apply(shown)
  }

  #apply({ found, overwritten }: Pick<Shown, 'found' | 'overwritten'>): void {
    for (const key of found) {
      if (this.#isMarked(key)) this.sessions.change(key, { unreturned: undefined })
      this.#lacking.explain(key, this.counter.seq)
    }
    for (const { key, by } of overwritten) this.sessions.change(key, { overwritten: by, unreturned: undefined })
  }
}
