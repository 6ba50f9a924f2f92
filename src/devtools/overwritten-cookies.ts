import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'
import type { Overwriting } from './cookie-changes'
import { describeOverwrite } from './explain-overwritten'
import type { RecordedSession } from './inspected'
import { endOf } from './kinds'
import { isParallel, requestOf } from './parallel-requests'
import type { AnsweredRequest } from './parallel-requests'
import type { TimelineEvent, TimelineKind } from './protocol'
import type { Sessions } from './sessions'

type EndFacts = Pick<RecordedSession, 'ended' | 'cleared' | 'next'>

/** A call that has ended a session, or its id. `before`: what a cookie session gets back if the response does not arrive. */
interface End extends AnsweredRequest { next?: string, before?: EndFacts }

/** Finds responses that undo a clear() or a new id of a parallel request: they set the cookie of the session before it, or remove it, or set another one. */
export class OverwrittenCookies {
  /** By session: its last end. */
  readonly #ends = new BoundedCache<string, End>({ maxEntries: 1000 })
  /** The sessions that the calls of a response have ended, until it is sent. */
  readonly #unsent = new WeakMap<Answer, Set<string>>()

  constructor(private readonly sessions: Sessions) {}

  /** Notes a message whose session is saved. `before`, `after`: the session. */
  see(message: ObservedMessage, kind: TimelineKind | undefined, answer: Answer, { before, after }: { before: RecordedSession, after?: RecordedSession }): void {
    const { key } = before
    const request = requestOf(message, answer)
    if (after?.key === key) return this.#keepEnd(request, before)
    if (kind !== 'clear' && kind !== 'regenerate') return
    const isStored = message.storage !== undefined || before.storage !== undefined
    const facts = isStored ? undefined : { ended: before.ended, cleared: before.cleared, next: before.next }
    this.#ends.set(key, { ...request, next: after?.key, before: facts })
    this.#unsent.set(answer, (this.#unsent.get(answer) ?? new Set()).add(key))
    if (answer.isCut) this.#restore(answer)
  }

  /** The response is sent. `overwriting`: the cookies that it overwrites. */
  finish(answer: Answer, overwriting: readonly Overwriting[]): void {
    if (answer.isCut) this.#restore(answer)
    this.#unsent.delete(answer)
    for (const each of overwriting) this.#mark(each)
  }

  /** What kept the cookie of a new id from a request that still sent the old one. */
  causeOf({ at, startedAt = at }: ObservedMessage, sent: RecordedSession | undefined): Pick<TimelineEvent, 'explanation' | 'next'> | undefined {
    const renewed = this.sessions.get(this.#ends.get(sent?.key ?? '')?.next ?? '')?.session
    if (!renewed?.overwritten?.call || renewed.overwritten.isRemoval || startedAt < renewed.overwritten.at) return undefined
    return { explanation: `${describeOverwrite(renewed.overwritten, renewed.user)} The cookie of that response has replaced the new one.`, next: renewed.key }
  }

  /** A request that was running may still use a session that has ended. Which cookie the browser has then is known when its response is sent. */
  #keepEnd(request: AnsweredRequest, { key, ended, next, overwritten }: RecordedSession): void {
    const end = this.#ends.get(key)
    if (ended !== undefined && end && isParallel(request, end)) this.sessions.change(key, { ended, next })
    if (overwritten && request.answer.startedAt < overwritten.at) this.sessions.change(key, { overwritten })
  }

  /** The browser has not got the response, so it keeps the cookie that it had. */
  #restore(answer: Answer): void {
    for (const key of this.#unsent.get(answer) ?? []) {
      const end = this.#ends.get(key)
      if (end?.answer !== answer || !end.before) continue
      this.sessions.change(key, end.before)
      this.#ends.delete(key)
    }
  }

  /** Of the responses to parallel requests with one session, the last decides what the browser has. */
  #mark({ change, earlier }: Overwriting): void {
    const { key, next, kind, hasCookie, method, path, answer } = change
    const session = this.sessions.get(key)?.session
    if (!session || !hasCookie || earlier.key !== key) return
    const isClear = kind === 'clear'
    const isRemoval = (isClear && next === key) || undefined
    const setsAgain = !isClear && next === key
    const { cleared } = session
    const isUndone = setsAgain && cleared && (earlier.kind === 'clear' || answer.startedAt <= cleared.at)
    this.sessions.change(key, {
      ended: kind && endOf(kind),
      ...!isClear && { next: setsAgain ? undefined : next },
      ...isUndone && { cleared: { ...cleared, undoneBy: { method, path } } },
      ...isClear && cleared && { cleared: { ...cleared, undoneBy: undefined } },
    })
    if (earlier.next === key || earlier.next === next) return
    const call = next === key ? { method: earlier.method, path: earlier.path, isClear: earlier.kind === 'clear' || undefined } : undefined
    this.sessions.change(earlier.next, { overwritten: { at: answer.sentAt!, method, path, call, isRemoval } })
  }
}
