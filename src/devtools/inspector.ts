import { randomUUID } from 'node:crypto'
import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import { MAX_INLINE, MAX_LISTED } from '../runtime/server/devtools/messages'
import type { ObservedMessage, VerdictReport, WorkerReport } from '../runtime/server/devtools/messages'
import { Bodies, bodyBefore, bodyOf, changedKeys, dataIn } from './bodies'
import { CookieReturns } from './cookie-returns'
import { explain } from './explain'
import { userLabel } from './inspected'
import type { RecordedSession } from './inspected'
import { lostUpdate, writeAfter } from './lost-updates'
import { OwnCookies } from './own-cookies'
import type { DataResponse, InspectedSession, StateResponse, TimelineEvent, TimelineKind } from './protocol'
import { Requests } from './requests'
import type { Bodied } from './requests'
import { handleOf, keyOf, Sessions } from './sessions'
import type { SessionEntry } from './sessions'

export const LIMITS = { cookieBytes: MAX_COOKIE_BYTES, requests: 500, sessions: 1000, stored: MAX_LISTED }

export type Changes = Pick<StateResponse, 'cursor' | 'isComplete' | 'sessions' | 'removed' | 'requests'>

/** How events end a session. */
const ENDS: { [Kind in ObservedMessage['kind']]?: InspectedSession['ended'] } = { clear: 'cleared', regenerate: 'regenerated', revoke: 'revoked' }
const CHANGES: readonly TimelineKind[] = ['create', 'update', 'regenerate', 'clear', 'revoke']

/** The development server's record of sessions and requests, in memory only. */
export class Inspector {
  readonly #run = randomUUID()
  readonly #counter = { seq: 0 }
  readonly #bodies = new Bodies()
  readonly sessions = new Sessions(this.#bodies, this.#counter, LIMITS.sessions)
  readonly requests = new Requests(this.#bodies, LIMITS.requests)
  readonly own = new OwnCookies(this.sessions)
  readonly #returns = new CookieReturns()

  /** How many changes were recorded. */
  get seq(): number {
    return this.#counter.seq
  }

  /** What has changed since a cursor, or everything. */
  changesSince(cursor = ''): Changes {
    const [run, at] = cursor.split('.')
    const isComplete = run !== this.#run || !(Number(at) >= this.sessions.completeFrom)
    const since = isComplete ? -1 : Number(at)
    const { sessions, removed } = this.sessions.since(since)
    return {
      cursor: `${this.#run}.${this.seq}`,
      isComplete,
      sessions: sessions.map(session => this.#withData(session)),
      removed: isComplete ? [] : removed,
      requests: this.requests.since(since),
    }
  }

  find(key: string): RecordedSession | undefined {
    return this.sessions.get(key)?.session
  }

  /** The session's data, if it was recorded in full. */
  dataOf(key: string): DataResponse | undefined {
    const text = this.#bodies.get(key)
    return text === undefined ? undefined : JSON.parse(text) as DataResponse
  }

  record(message: ObservedMessage, sources: string[] = []): void {
    if (message.kind === 'absent') return this.#findMissing(message)
    if (message.group) return this.#recordRevocations(message, message.group, sources)
    this.#counter.seq++
    const entry = this.#entryOf(message)
    const before = entry?.session
    const recorded = before && this.#bodies.get(before.key)
    const body = message.session && bodyOf(message.session)
    const kind = kindOf(message, before, recorded, body)
    const ended = kind && ENDS[kind]
    const isSameId = before?.id !== undefined && before.id === message.session?.id
    const lastWrite = writeAfter(message, this.seq, kind, entry?.lastWrite)
    const lost = lostUpdate(message, entry?.lastWrite, this.requests)
    const after = message.session && { ...this.sessions.after(message), lastWrite }
    const isReplaced = entry !== undefined && after !== undefined && !isSameId && kind === 'regenerate'
    if (entry && ended && !isSameId) this.sessions.save({ ...entry, lastWrite, session: { ...entry.session, ended, ...isReplaced && { next: after.session.key } } })
    if (after) this.sessions.save(isReplaced ? { ...after, session: { ...after.session, previous: entry.session.key } } : after, body)
    this.#findMissing(message, after?.session.key)
    if (kind) this.#addEvent(message, kind, entry?.session, after?.session.handle, { before: bodyBefore(message, before, recorded), after: body }, sources, lost)
  }

  /** Forgets all requests, and the sessions that have ended. Every panel gets the complete state next. */
  forget(now: number): void {
    this.requests.clear()
    this.sessions.forgetEnded(now)
    this.sessions.completeFrom = ++this.#counter.seq
  }

  /** Adds the response's status to its request. */
  finish(report: Extract<WorkerReport, { type: 'sent' }>): void {
    this.requests.finish(report, ++this.#counter.seq)
    this.#returns.finish(report)
  }

  /** Adds to a rejected token why it was rejected, and whose session it was. */
  explain(verdict: VerdictReport): void {
    const { of, reason, name, handle, token, inspected } = verdict
    const { session, successor } = inspected
    const next = successor === undefined ? undefined : keyOf(name, successor)
    const seq = ++this.#counter.seq
    if (handle !== undefined && next !== undefined) {
      this.sessions.change(keyOf(name, handle), { next })
      this.sessions.change(next, { previous: keyOf(name, handle) })
    }
    this.requests.explain(of, (event) => {
      const key = handle === undefined ? event.key : keyOf(name, handle)
      const user = session ? userLabel(session.data, session.userId) : this.find(key ?? '')?.user
      return { key, user, next, explanation: explain(token, reason, inspected, name, event.key !== undefined) }
    }, seq)
  }

  /** Notes a session whose cookie the message's request should have sent. `key`: that of the message's session. */
  #findMissing(message: ObservedMessage, key?: string): void {
    const missing = this.#returns.missingIn(message, key)
    if (missing === undefined) return
    if (message.kind === 'absent') this.#counter.seq++
    this.sessions.change(missing, { unreturned: `${message.method} ${message.path}` })
  }

  /** Records the end of each known session of a group, or one event if none is known. */
  #recordRevocations(message: ObservedMessage, group: NonNullable<ObservedMessage['group']>, sources: string[]): void {
    const { userId, except, name } = group
    const sessions = this.sessions.all().map(({ session }) => session).filter(session => session.storage === message.storage && session.ended === undefined
      && session.handle !== except && (userId === undefined || session.userId === userId) && (name === undefined || session.name === name))
    const ended = sessions.length > 0 ? sessions.map(({ name, handle }) => ({ name, handle })) : [{}]
    // A call outside of a request counts as one.
    const common = { ...message, group: undefined, request: message.request ?? `call-${this.seq + 1}`, explanation: describeGroup(group) }
    for (const session of ended) this.record({ ...common, ...session }, sources)
  }

  /** The session of a message. A rejected token names it by its seal, a revoked handle may be of another name. */
  #entryOf(message: ObservedMessage): SessionEntry | undefined {
    const { name, kind, tokenHash, storage, before, session } = message
    if (kind === 'reject') return this.sessions.all().find(entry => entry.session.name === name && entry.session.seals?.includes(tokenHash!))
    const handle = handleOf(message, before ?? session)
    return this.sessions.get(keyOf(name, handle))
      ?? (kind === 'revoke' ? this.sessions.all().find(entry => entry.session.handle === handle && entry.session.storage === storage) : undefined)
  }

  #withData(session: RecordedSession): InspectedSession {
    const text = this.#bodies.get(session.key)
    return text === undefined || text.length > MAX_INLINE ? session : { ...session, ...JSON.parse(text) as DataResponse }
  }

  #addEvent(message: ObservedMessage, kind: TimelineKind, known: RecordedSession | undefined, newHandle: string | undefined, { before, after }: Bodied, sources: string[], lost: TimelineEvent['lost']): void {
    const { name, session, at, keeper, reason, explanation, sizes } = message
    const id = session?.id ?? message.before?.id ?? known?.id
    const handle = newHandle ?? handleOf(message, message.before)
    const isChange = CHANGES.includes(kind)
    const isCut = session?.isCut || message.before?.isCut
    const hasData = !isCut && (isChange || kind === 'load') && (before ?? after) !== undefined
    this.requests.add(message, {
      token: kind === 'reject' && !known ? message.tokenHash : undefined,
      seq: this.seq, at, kind, name, keeper, reason, explanation, sizes, sources,
      ...handle !== '' || known ? { id, key: session || !known ? keyOf(name, handle) : known.key, user: known?.user } : undefined,
      changes: isChange && !isCut ? changedKeys(dataIn(before), dataIn(after)) : [],
      hasData, lost,
    }, hasData ? { before: isChange ? before : undefined, after } : {})
  }
}

function describeGroup({ userId, except, name }: NonNullable<ObservedMessage['group']>): string {
  if (userId !== undefined) return `All sessions of the user ${userId}${except === undefined ? '' : ' except one'}.`
  return name === undefined ? 'All sessions of the store.' : `All sessions with the name "${name}".`
}

/**
 * Returns the kind of the timeline's event. A renewal is not shown, and a migration is shown as a new id.
 * h3's own functions report nothing, so their changes are found by comparing the data.
 */
function kindOf(message: ObservedMessage, before: RecordedSession | undefined, recorded: string | undefined, body: string | undefined): TimelineKind | undefined {
  const { kind, keeper, session } = message
  if (kind === 'renew' || kind === 'absent') return undefined
  if (kind === 'update' && keeper === 'module' && message.before?.id !== undefined && message.before.id !== session?.id) return 'regenerate'
  if (keeper === 'module' || kind !== 'update') return kind
  return !before || recorded === body ? 'load' : 'update'
}
