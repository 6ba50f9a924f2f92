import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'
import type { CookieChange, Overwriting } from './cookie-changes'
import { NO_NEW_COOKIE } from './explain'
import { describeOverwrite } from './explain-overwritten'
import { describeUndelivered } from './explain-undelivered'
import type { RecordedSession } from './inspected'
import { endOf } from './kinds'
import { isParallel, isSentBefore, requestOf } from './parallel-requests'
import type { AnsweredRequest } from './parallel-requests'
import type { Overwrite, TimelineEvent, TimelineKind } from './protocol'
import { requestLabel } from './request-label'
import type { Sessions } from './sessions'

type EndFacts = Pick<RecordedSession, 'ended' | 'cleared' | 'next'>

/** A call that has ended a session, or its id. `before`: what a cookie session gets back if the response does not arrive. */
interface End extends AnsweredRequest { next?: string, before?: EndFacts }

/** Of each session. Parallel requests may end it more than once. */
const MAX_ENDS = 10

/** Finds responses that undo a clear() or a new id of a parallel request, because they set the browser's cookie later. */
export class OverwrittenCookies {
  /** By session: its ends, the last call at the end. */
  readonly #ends = new BoundedCache<string, readonly End[]>({ maxEntries: 1000 })
  /** By session whose cookie the browser has: the one whose cookie it has overwritten. */
  readonly #overwrites = new BoundedCache<string, string>({ maxEntries: 1000 })
  /** The sessions that the calls of a response have ended. */
  readonly #ended = new WeakMap<Answer, Set<string>>()

  constructor(private readonly sessions: Sessions) {}

  /** Notes a message whose session is saved. `before`, `after`: the session. */
  see(message: ObservedMessage, kind: TimelineKind | undefined, answer: Answer, { before, after }: { before: RecordedSession, after?: RecordedSession }): void {
    const { key } = before
    const request = requestOf(message, answer)
    if (after?.key === key) return this.#keepEnd(request, before)
    if (kind !== 'clear' && kind !== 'regenerate') return
    const isStored = message.storage !== undefined || before.storage !== undefined
    const facts = isStored ? undefined : { ended: before.ended, cleared: before.cleared, next: before.next }
    const ends = this.#ends.get(key) ?? []
    const earlier = ends.find(end => end.answer === answer)
    const end = { ...request, next: after?.key, before: earlier ? earlier.before : facts }
    this.#ends.set(key, [...ends.filter(each => each !== earlier), end].slice(-MAX_ENDS))
    this.#overwrites.delete(key)
    this.#ended.set(answer, (this.#ended.get(answer) ?? new Set()).add(key))
    if (answer.isAborted) this.#restore(answer)
  }

  /** The response is sent. `overwriting`: the cookies that it overwrites. */
  finish(answer: Answer, overwriting: readonly Overwriting[]): void {
    if (answer.isAborted) this.#restore(answer)
    for (const each of overwriting) this.#mark(each)
  }

  /** What kept the cookie of a new id from a request that still sent the old one. */
  causeOf({ at, startedAt = at }: ObservedMessage, sent: RecordedSession | undefined): Pick<TimelineEvent, 'explanation' | 'next'> | undefined {
    const lost = this.sessions.get(this.#overwrites.get(sent?.key ?? '') ?? '')?.session
    const { overwritten } = lost ?? {}
    if (!lost || !overwritten || startedAt < overwritten.at) return undefined
    return { explanation: `${describeOverwrite(overwritten, lost.user)} The cookie of that response has replaced the new one.`, next: lost.key }
  }

  /** How a request came to send the old id of a stored session, if the call that gave it a new one was seen. */
  describeSuperseded(key: string, request: AnsweredRequest): string | undefined {
    const end = this.#ends.get(key)?.at(-1)
    const next = this.sessions.get(end?.next ?? '')?.session
    if (!end || !next) return undefined
    const text = `It is superseded: ${requestLabel(end)} gave the session a new id`
    if (next.undelivered) return `${text}. ${describeUndelivered(next.undelivered)}`
    const isOther = request.client !== undefined && end.client !== undefined && request.client !== end.client
    if (isOther) return `${text} in another browser, or at another address: this one has sent a copy of the old cookie.`
    if (isParallel(request, end)) return `${text} while this request was running, or on its way. The browser gets the new cookie by that response, so its next request has it.`
    return `${text}. ${NO_NEW_COOKIE}`
  }

  /** The session with the newest id: a later response may have given it another one. */
  #newestOf(key: string): string {
    const { ended, next } = this.sessions.get(key)?.session ?? {}
    return ended === 'regenerated' && next !== undefined ? this.#newestOf(next) : key
  }

  /** A request that was running may still use a session that has ended. Which cookie the browser has then is known when its response is sent. */
  #keepEnd(request: AnsweredRequest, { key, ended, next, overwritten }: RecordedSession): void {
    const end = this.#ends.get(key)?.at(-1)
    if (ended !== undefined && end && isParallel(request, end)) this.sessions.change(key, { ended, next })
    if (overwritten && isSentBefore(request.answer.startedAt, overwritten.at)) this.sessions.change(key, { overwritten })
  }

  /** The browser has not got the response, so it keeps the cookie that it had. */
  #restore(answer: Answer): void {
    for (const key of this.#ended.get(answer) ?? []) {
      const ends = this.#ends.get(key) ?? []
      const index = ends.findIndex(end => end.answer === answer)
      const { before } = ends[index] ?? {}
      if (!before) continue
      // A later call has ended it again: that one gives back more, if its response does not arrive either.
      const [later, ...rest] = ends.slice(index + 1)
      if (!later) this.sessions.change(key, before)
      this.#ends.set(key, [...ends.slice(0, index), ...later ? [{ ...later, before: later.before && before }, ...rest] : []])
    }
  }

  /** Of the responses to parallel requests with one session, the last decides what the browser has. */
  #mark({ change, earlier }: Overwriting): void {
    const { key, next, kind, hasCookie, method, path, answer } = change
    const session = this.sessions.get(key)?.session
    if (!session || !hasCookie) return
    const isClear = kind === 'clear'
    const setsAgain = !isClear && next === key
    const { cleared } = session
    const isUndone = setsAgain && cleared && (earlier.kind === 'clear' || answer.startedAt <= cleared.at)
    this.sessions.change(key, {
      ended: kind && endOf(kind),
      ...!isClear && { next: setsAgain ? undefined : next },
      ...isUndone && { cleared: { ...cleared, undoneBy: { method, path } } },
      ...isClear && cleared && { cleared: { ...cleared, undoneBy: undefined } },
    })
    if (earlier.next === key) return
    const lost = this.#newestOf(earlier.next)
    const overwritten = overwriteBy(change, earlier)
    if (overwritten.kind === 'old cookie' || overwritten.kind === 'clear') this.#overwrites.set(next, lost)
    this.sessions.change(lost, { overwritten })
  }
}

/** How a response overwrites the cookie of an earlier one, which has given the session another id or begun another session. */
function overwriteBy({ key, next, kind, method, path, answer }: CookieChange, earlier: CookieChange): Overwrite {
  const request = { at: answer.sentAt!, method, path }
  if (next !== key) return { kind: kind === 'clear' ? 'clear' : 'other session', ...request }
  const call = { kind: earlier.kind === 'clear' ? 'clear' as const : 'regenerate' as const, method: earlier.method, path: earlier.path }
  return { kind: kind === 'clear' ? 'removal' : 'old cookie', ...request, call }
}
