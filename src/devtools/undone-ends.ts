import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage, SentReport } from '../runtime/server/devtools/messages'
import { describeOverwrite } from './explain-overwritten'
import type { RecordedSession } from './inspected'
import { isParallel } from './lost-updates'
import type { TimelineEvent } from './protocol'
import type { Requests } from './requests'
import type { SessionEntry, Sessions } from './sessions'

interface Change { key: string, facts: Partial<RecordedSession> }

/** Finds writes of running requests that undo a clear() or a new id: their response sets the cookie of the session before it. */
export class UndoneEnds {
  /** By request: what its marks have replaced, until its response is complete. */
  readonly #replaced = new BoundedCache<string, Change[]>({ maxEntries: 100 })

  constructor(private readonly sessions: Sessions, private readonly requests: Requests) {}

  /** Notes a message whose session is saved. `entry`: the session, as it was before. */
  see(message: ObservedMessage, entry: SessionEntry | undefined): void {
    const { request, attributes, session } = message
    if (attributes === undefined || !entry?.lastWrite || session?.id !== entry.session.id) return
    if (!isParallel(message, entry.lastWrite, this.requests)) return
    const { key, ended, cleared, next } = entry.session
    const before = { key, facts: { ended, cleared, next } }
    if (ended === undefined) return
    if (this.requests.isAbandoned(request)) return this.#apply([before])
    const mark = markOf(message, entry)
    if (!mark) return
    this.#apply([mark])
    if (request !== undefined) this.#replaced.set(request, [before, ...mark.key === key ? [] : [{ key: mark.key, facts: { overwritten: undefined } }]])
  }

  /** The response to a request is complete. Without a status, the browser has left before, so it has no cookie of it. */
  finish({ request, status }: SentReport): void {
    if (status === undefined) this.#apply(this.#replaced.get(request) ?? [])
    this.#replaced.delete(request)
  }

  /** Why a request was denied if the cookie that it sent has replaced that of a new id. `next`: the session with that id. */
  explainDenied({ at, startedAt = at, explanation }: ObservedMessage, sent: RecordedSession | undefined): Pick<TimelineEvent, 'explanation' | 'next'> | undefined {
    const renewed = sent && this.sessions.all().find(({ session }) => session.previous === sent.key)?.session
    if (!renewed?.overwritten || startedAt < renewed.overwritten.at) return undefined
    const sentences = [explanation, describeOverwrite(renewed.overwritten, renewed.user), 'The cookie of that response has replaced the new one.']
    return { explanation: sentences.filter(Boolean).join(' '), next: renewed.key }
  }

  #apply(changes: readonly Change[]): void {
    for (const { key, facts } of changes) this.sessions.change(key, facts)
  }
}

/** The mark of the session that lost its end or its cookie. */
function markOf({ at, method, path }: ObservedMessage, { session: { key, ended, cleared, next }, lastWrite }: SessionEntry): Change | undefined {
  if (ended === 'cleared' && cleared) return { key, facts: { cleared: { ...cleared, undoneBy: { method, path } } } }
  if (ended !== 'regenerated' || next === undefined || !lastWrite) return undefined
  return { key: next, facts: { overwritten: { at, method, path, call: { method: lastWrite.method, path: lastWrite.path } } } }
}
