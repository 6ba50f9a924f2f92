import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'
import { CookieChanges } from './cookie-changes'
import type { RecordedSession } from './inspected'
import { lostUpdate } from './lost-updates'
import { OverwrittenCookies } from './overwritten-cookies'
import type { TimelineEvent, TimelineKind } from './protocol'
import type { Requests } from './requests'
import type { Counter, Sessions } from './sessions'

/**
 * Marks writes and sessions by the cookie that a browser has after parallel requests: that of the response which was
 * sent last. So there is no mark before the responses are sent.
 */
export class BrowserCookies {
  readonly #changes = new CookieChanges()
  readonly #overwritten: OverwrittenCookies

  constructor(sessions: Sessions, private readonly requests: Requests, private readonly counter: Counter) {
    this.#overwritten = new OverwrittenCookies(sessions)
  }

  /** Notes a message whose session is saved. `before`, `after`: the session. */
  see(message: ObservedMessage, kind: TimelineKind | undefined, answer: Answer, before?: RecordedSession, after?: RecordedSession): void {
    this.#changes.see(message, kind, this.counter.seq, answer, { key: before?.key ?? after?.key, next: after?.key })
    if (before) this.#overwritten.see(message, kind, answer, { before, after })
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
  }

  /** Why a request was denied if the cookie that it sent has replaced that of a new id. `next`: the session with that id. */
  explainDenied(message: ObservedMessage, sent: RecordedSession | undefined): Pick<TimelineEvent, 'explanation' | 'next'> | undefined {
    return this.#overwritten.explainDenied(message, sent)
  }
}
