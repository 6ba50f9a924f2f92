import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { hasArrived, isLate } from './answers'
import type { Answer } from './answers'
import { describeUndelivered } from './explain-undelivered'
import type { RecordedSession } from './inspected'
import { isSentBefore } from './parallel-requests'
import type { InspectedSession, TimelineEvent } from './protocol'
import type { Sessions, SessionState } from './sessions'

/** What a response does to cookies: the sessions that begin in it, with its request, and those that it changes. */
interface Response { begun: Map<string, InspectedSession['undelivered']>, changed: Map<string, SessionState> }

/** `state`: that of the last response which was sent, at `at`. `unsent`: the responses that change the session and are not. */
interface Delivered { state: SessionState, at?: number, unsent: Set<Answer> }

/**
 * Shows what browsers have. Of a cookie session, that is what the last response has set: not one whose client left before
 * it was sent. A session that began in such a response is marked.
 */
export class DeliveredSessions {
  readonly #responses = new WeakMap<Answer, Response>()
  /** By session that a response has changed. */
  readonly #delivered = new BoundedCache<string, Delivered>({ maxEntries: 1000 })

  constructor(private readonly sessions: Sessions) {}

  /** Notes a message whose session is saved. `before`, `after`: the session. */
  see(message: ObservedMessage, answer: Answer, before?: SessionState, after?: SessionState): void {
    const { kind, at, attributes, storage, method, path } = message
    if (!after) return
    const { key } = after.session
    if (attributes === undefined || isLate(message, answer)) return this.#keepNewer(key, answer)
    const response = this.#responses.get(answer) ?? { begun: new Map(), changed: new Map() }
    this.#responses.set(answer, response)
    const isNew = before ? before.session.key !== key : kind === 'create'
    if (isNew) response.begun.set(key, { at, method, path })
    else if (before && storage === undefined && !response.begun.has(key)) {
      response.changed.set(key, after)
      const known = this.#delivered.get(key)
      const delivered = known && known.unsent.size > 0 ? known : { ...known, state: before, unsent: new Set<Answer>() }
      this.#delivered.set(key, { ...delivered, unsent: delivered.unsent.add(answer) })
    }
    if (answer.sentAt !== undefined) this.finish(answer)
  }

  /** The response is sent, or its client has left before. */
  finish(answer: Answer): void {
    const { begun, changed } = this.#responses.get(answer) ?? { begun: [], changed: new Map<string, SessionState>() }
    if (answer.isAborted) for (const [key, undelivered] of begun) this.sessions.change(key, { undelivered })
    for (const [key, state] of changed) {
      this.#show(key, answer, state)
      const { overwritten } = this.sessions.get(key)?.session ?? {}
      // The browser has the cookie again.
      if (overwritten && hasArrived(answer) && overwritten.at < answer.sentAt!) this.sessions.change(key, { overwritten: undefined })
    }
    changed.clear()
  }

  /** What kept the cookie of a new id from a request that still sent the old one. */
  causeOf({ at, startedAt = at }: ObservedMessage, sent: RecordedSession | undefined): Pick<TimelineEvent, 'explanation' | 'next'> | undefined {
    // A later call may have given it another id, whose cookie arrived.
    if (!sent || (sent.ended !== undefined && this.sessions.get(sent.next ?? '')?.session.undelivered === undefined)) return undefined
    const next = this.sessions.all().findLast(({ session }) => session.undelivered && session.previous === sent.key)?.session
    if (!next || startedAt < next.undelivered!.at) return undefined
    return { explanation: describeUndelivered(next.undelivered!, next.user), next: next.key }
  }

  #show(key: string, answer: Answer, state: SessionState): void {
    const delivered = this.#delivered.get(key)
    if (!delivered) return
    if (!answer.isAborted) Object.assign(delivered, { state, at: answer.sentAt })
    this.sessions.restore(delivered.state)
    delivered.unsent.delete(answer)
  }

  /** A request from before the last response has read an older cookie, and an aborted one may read what was not sent. */
  #keepNewer(key: string, { startedAt, isAborted }: Answer): void {
    const { state, at } = this.#delivered.get(key) ?? {}
    if (state && (isAborted || (at !== undefined && isSentBefore(startedAt, at)))) this.sessions.restore(state)
  }
}
