import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'
import { CookieChanges } from './cookie-changes'
import { DeliveredSessions } from './delivered-sessions'
import type { RecordedSession } from './inspected'
import { lostUpdate } from './lost-updates'
import { OverwrittenCookies } from './overwritten-cookies'
import { requestOf } from './parallel-requests'
import type { AnsweredRequest } from './parallel-requests'
import type { TimelineEvent, TimelineKind } from './protocol'
import type { Requests } from './requests'
import type { Counter, Sessions, SessionState } from './sessions'

/**
 * Marks writes and sessions by the cookie that a browser has: after parallel requests, that of the response which was sent
 * last, and none of a response whose client has left. So there is no mark before the responses are sent.
 */
export class BrowserCookies {
  readonly #changes = new CookieChanges()
  readonly #overwritten: OverwrittenCookies
  readonly #delivered: DeliveredSessions
  /** By verdict: the request whose token was rejected. */
  readonly #rejected = new BoundedCache<string, AnsweredRequest>({ maxEntries: 1000 })

  constructor(sessions: Sessions, private readonly requests: Requests, private readonly counter: Counter) {
    this.#overwritten = new OverwrittenCookies(sessions)
    this.#delivered = new DeliveredSessions(sessions)
  }

  /** Notes a message whose session and event are saved. `before`, `after`: the session. */
  see(message: ObservedMessage, kind: TimelineKind | undefined, answer: Answer, before?: SessionState, after?: SessionState): void {
    if (message.verdict !== undefined) this.#rejected.set(message.verdict, requestOf(message, answer))
    this.#changes.see(message, kind, this.counter.seq, answer, { before: before?.session.key, after: after?.session.key })
    if (before) this.#overwritten.see(message, kind, answer, { before: before.session, after: after?.session })
    this.#delivered.see(message, answer, before, after)
  }

  /** The response is sent: its browser has its cookies, unless it has left before. */
  finish(answer: Answer): void {
    const overwriting = this.#changes.finish(answer)
    this.#overwritten.finish(answer, overwriting)
    for (const each of overwriting) {
      const { request, writes, load } = each.change
      const event = writes?.last ?? load
      if (request !== undefined && event !== undefined) this.requests.change(request, event, lostUpdate(each, this.requests), this.counter.seq)
    }
    this.#delivered.finish(answer)
  }

  /** How a rejected request came to send the old id of a stored session, if that was recorded. */
  describeSuperseded(key: string, verdict: string): string | undefined {
    const request = this.#rejected.get(verdict)
    return request && this.#overwritten.describeSuperseded(key, request)
  }

  /** Why a request was denied if the cookie with its session's new id was replaced, or did not arrive. `next`: the session with that id. */
  explainDenied(message: ObservedMessage, sent: RecordedSession | undefined): Pick<TimelineEvent, 'explanation' | 'next'> | undefined {
    const cause = this.#overwritten.causeOf(message, sent) ?? this.#delivered.causeOf(message, sent)
    return cause && { ...cause, explanation: [message.explanation, cause.explanation].filter(Boolean).join(' ') }
  }
}
