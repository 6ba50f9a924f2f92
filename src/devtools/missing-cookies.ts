import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'
import { CookieReturns } from './cookie-returns'
import type { Shown } from './cookie-returns'
import { explainDenied } from './explain-denied'
import type { RecordedSession } from './inspected'
import { LackingRequests } from './lacking-requests'
import { LastSessions } from './last-sessions'
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

  constructor(private readonly sessions: Sessions, requests: Requests, private readonly counter: Counter) {
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

  /** A request of the panel has the cookies of these sessions. */
  markReturned(keys: readonly string[]): void {
    for (const key of keys) {
      const shown = this.#returns.markReturned(key)
      if (shown.overwritten.length === 0 && !shown.found.some(each => this.#isMarked(each) || this.#lacking.has(each))) continue
      this.counter.seq++
      this.#apply(shown)
    }
  }

  /** Explains a denied request by what was recorded before it, and returns the session whose cookie it lacked. The event comes next. */
  explainDenied(message: ObservedMessage): { explanation: string | undefined, session: RecordedSession | undefined } {
    const { name, request } = message
    const last = this.#last.lackedBy(message)
    const session = last && this.sessions.get(last.key)?.session
    const renewed = this.sessions.get(session?.next ?? '')?.session
    const denied = { last, session, renewed, isSeen: this.sessions.all().some(each => each.session.name === name) }
    const explanation = explainDenied(message, denied)
    const ifReturned = explainDenied(message, denied, true)
    if (last && request !== undefined && ifReturned !== explanation) this.#lacking.add(last.key, { request, seq: this.counter.seq, explanation: ifReturned })
    return { explanation, session }
  }

  #isMarked(key: string): boolean {
    return this.sessions.get(key)?.session.unreturned !== undefined
  }

  #apply({ found, overwritten }: Pick<Shown, 'found' | 'overwritten'>): void {
    for (const key of found) {
      if (this.#isMarked(key)) this.sessions.change(key, { unreturned: undefined })
      this.#lacking.explain(key, this.counter.seq)
    }
    for (const { key, by } of overwritten) this.sessions.change(key, { overwritten: by, unreturned: undefined })
  }
}
