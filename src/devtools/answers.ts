import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage, SentReport } from '../runtime/server/devtools/messages'

/** The response of a request that the browser has sent. `sentAt`: when its headers were. `isAborted`: the browser left before, so it has no cookie of it. */
export interface Answer { startedAt: number, sentAt?: number, isAborted?: boolean }

/** Whether the browser has the cookies of a response at a time, in milliseconds since 1970. */
export function hasArrived({ sentAt, isAborted }: Answer, at = Infinity): boolean {
  return sentAt !== undefined && isAborted !== true && sentAt <= at
}

/** Whether a message comes after the headers of its response, such as one from waitUntil(): its write sends no cookie. */
export function isLate({ at }: ObservedMessage, answer: Answer): boolean {
  return hasArrived(answer, at - 1)
}

/** The newest responses, also those that are not sent. */
export class Answers {
  readonly #answers = new BoundedCache<string, Answer>({ maxEntries: 1000 })

  /** The response that sets the cookies of a message. An inner request has that of its outer one. */
  of({ request, answeredBy = request, method, at, startedAt = at }: ObservedMessage): Answer {
    // The panel's own calls have no response that is reported.
    if (answeredBy === undefined || method === 'DevTools') return { startedAt, sentAt: at }
    const answer = this.#answers.get(answeredBy) ?? { startedAt: -Infinity }
    // When an outer request began is known from its own messages, or at its end. Until then it counts as the earliest.
    if (answeredBy === request) answer.startedAt = startedAt
    this.#answers.set(answeredBy, answer)
    return answer
  }

  /** The response is sent. Returns it, if anything was observed in its request. */
  finish({ request, at, status, duration }: SentReport): Answer | undefined {
    const answer = this.#answers.get(request)
    return answer && Object.assign(answer, { startedAt: at - duration, sentAt: at, isAborted: status === undefined })
  }
}
