import { randomUUID } from 'node:crypto'
import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import { MAX_TOKEN_LENGTH } from '../runtime/core/model/shape'
import { MAX_INLINE, MAX_LISTED } from '../runtime/server/devtools/messages'
import type { ObservedMessage, SentReport, VerdictReport } from '../runtime/server/devtools/messages'
import { Answers } from './answers'
import { Bodies, bodyBefore, bodyOf, parseBody } from './bodies'
import { BrowserCookies } from './browser-cookies'
import { describeExpiry, explain, isUnexplained } from './explain'
import { explainFailure } from './explain-failure'
import { userLabel } from './inspected'
import type { RecordedSession } from './inspected'
import { SealWriters, writersAfterEvent } from './key-writers'
import { endOf } from './kinds'
import { MissingCookies } from './missing-cookies'
import { OwnCookies } from './own-cookies'
import type { DataResponse, InspectedSession, StateResponse, TimelineKind } from './protocol'
import { Requests } from './requests'
import type { Bodied } from './requests'
import { describeEnd, revocationOf } from './revocation'
import { RevokedSessions } from './revoked-sessions'
import { describeGroup, isInGroup } from './session-group'
import type { SessionGroup } from './session-group'
import { handleOf, keyOf, Sessions } from './sessions'
import type { SessionEntry } from './sessions'
import { kindOf, toEvent } from './timeline'

export const LIMITS = { cookieBytes: MAX_COOKIE_BYTES, sealLength: MAX_TOKEN_LENGTH, requests: 500, sessions: 1000, stored: MAX_LISTED }

export type Changes = Pick<StateResponse, 'cursor' | 'isComplete' | 'clears' | 'sessions' | 'removed' | 'requests'>

interface Explained { explanation?: string, session?: RecordedSession, next?: string }

/** The development server's record of sessions and requests, in memory only. */
export class Inspector {
  readonly #run = randomUUID()
  readonly #counter = { seq: 0 }
  readonly #bodies = new Bodies()
  readonly sessions = new Sessions(this.#bodies, this.#counter, LIMITS.sessions)
  readonly requests = new Requests(this.#bodies, LIMITS.requests)
  readonly own = new OwnCookies(this.sessions)
  readonly #answers = new Answers()
  readonly #missing = new MissingCookies(this.sessions, this.requests, this.#counter)
  readonly #writers = new SealWriters()
  readonly #revoked = new RevokedSessions()
  readonly #cookies = new BrowserCookies(this.sessions, this.requests, this.#counter)
  #clears = 0

  /** How many changes were recorded. */
  get seq(): number {
    return this.#counter.seq
  }

  /** What has changed since a cursor, or everything. */
  changesSince(cursor = ''): Changes {
    const [run, at] = cursor.split('.')
    const isComplete = run !== this.#run || !(Number(at) >= this.sessions.completeFrom)
    const since = isComplete ? -1 : Number(at)
    const { entries, removed } = this.sessions.since(since)
    return {
      cursor: `${this.#run}.${this.seq}`,
      isComplete,
      clears: this.#clears,
      sessions: entries.map(({ session, dataAt }) => dataAt > since ? this.#withData(session) : { ...session, hasSameData: true }),
      removed: isComplete ? [] : removed,
      requests: this.requests.since(since),
    }
  }

  find(key: string): RecordedSession | undefined {
    return this.sessions.get(key)?.session
  }

  /** The session's data, if it was recorded in full. */
  dataOf(key: string): DataResponse | undefined {
    return parseBody(this.#bodies.get(key))
  }

  /** Whether a listed request or the last write of a key has this file and line. */
  hasSource(source: string): boolean {
    return this.requests.all().some(({ events }) => events.some(({ sources }) => sources.includes(source)))
      || this.sessions.all().some(({ session }) => session.writers?.some(write => write.source === source))
  }

  record(message: ObservedMessage, sources: string[] = []): void {
    const answer = this.#answers.of(message)
    if (message.kind === 'absent') return this.#missing.see(message, answer)
    if (message.kind === 'unused' || message.kind === 'remove') return this.#missing.seeCookie(message, answer, this.#entryOf(message)?.session)
    if (message.group && message.handle === undefined) return this.#recordRevocations(message, message.group, sources)
    this.#counter.seq++
    const entry = this.#entryOf(message)
    const before = entry?.session
    const recorded = before && this.#bodies.get(before.key)
    const body = message.session && bodyOf(message.session)
    const kind = kindOf(message, before, recorded, body)
    const after = this.#saveSessions(message, kind, entry, { body, source: sources[0] })
    const sentWriters = after && this.#writers.sentBy(message, after, recorded === body)
    if (sentWriters) this.sessions.change(after.key, { writers: sentWriters })
    this.#missing.see(message, answer, before, after)
    if (kind) this.#addEvent(message, kind, sources, { before, after, bodies: { before: bodyBefore(message, before, recorded), after: body } })
    this.#cookies.see(message, kind, answer, before && { session: before, body: recorded }, after && { session: this.find(after.key)!, body })
  }

  /** A request of the panel has the cookies of these sessions. */
  markReturned(keys: readonly string[]): void {
    this.#missing.markReturned(keys)
  }

  /** Forgets all requests, and the sessions that have ended. Every panel gets the complete state next. */
  forget(now: number): void {
    this.#clears++
    this.requests.clear()
    this.sessions.forgetEnded(now)
    this.sessions.completeFrom = ++this.#counter.seq
  }

  /** Adds the response's status to its request. */
  finish(report: SentReport): void {
    this.requests.finish(report, ++this.#counter.seq)
    const answer = this.#answers.finish(report)
    if (answer) this.#cookies.finish(answer)
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
      const known = this.find(key ?? '')
      const user = session ? userLabel(session.data, session.userId) : known?.user
      const end = known && (describeEnd(known) ?? (isUnexplained(inspected, reason) ? describeExpiry(known, event.at) : undefined))
      if (!end && reason === 'revoked' && key !== undefined) this.#revoked.addUnexplained(key, verdict)
      const superseded = reason === 'superseded' && key !== undefined ? this.#cookies.describeSuperseded(key, of) : undefined
      return { key, user, next, explanation: explain(token, reason, inspected, name, { isKnown: event.key !== undefined, end, superseded }) }
    }, seq)
  }

  #addEvent(message: ObservedMessage, kind: TimelineKind, sources: string[], { before, after, bodies: content }: { before?: RecordedSession, after?: RecordedSession, bodies: Bodied }): void {
    if (kind === 'register' && before) this.sessions.change(before.key, { deviceBound: true })
    const explained = message.kind === 'deny' ? this.#explainDenied(message, before) : undefined
    const explanation = explained ? explained.explanation : explainFailure(message, before, this.requests)
    const { event, bodies } = toEvent({ ...message, explanation }, kind, before ?? explained?.session, after, content)
    this.requests.add(message, { ...event, seq: this.seq, sources, next: explained?.next }, bodies)
    const writers = writersAfterEvent(message, event, before, sources[0])
    if (writers) {
      this.sessions.change(event.key!, { writers })
      this.#writers.seal(message, writers)
    }
    if (kind === 'revoke') for (const verdict of this.#revoked.takeUnexplained(event.key!)) this.explain(verdict)
  }

  /** Why a request was denied, and which session's cookie it lacked. `next`: the session with the new id. */
  #explainDenied(message: ObservedMessage, sent: RecordedSession | undefined): Explained {
    return this.#cookies.explainDenied(message, sent) ?? this.#missing.explainDenied(message, sent)
  }

  /** Saves the session of a message, and the end of the one before it. Returns the former. */
  #saveSessions(message: ObservedMessage, kind: TimelineKind | undefined, entry: SessionEntry | undefined, { body, source }: { body?: string, source?: string }): RecordedSession | undefined {
    const { session } = message
    const after = session && this.sessions.after(message)
    const isSameId = entry?.session.id !== undefined && entry.session.id === session?.id
    const isReplaced = entry !== undefined && after !== undefined && !isSameId && kind === 'regenerate'
    const ended = kind && endOf(kind)
    const revoked = ended === 'revoked' ? revocationOf(message, source) : undefined
    if (revoked) this.#revoked.add({ storage: message.storage, handle: handleOf(message, undefined) }, revoked)
    if (entry && ended && !isSameId) {
      const { at, method, path, isClientCall } = message
      const cleared = ended === 'cleared' ? { at, method, path, isClientCall } : entry.session.cleared
      this.sessions.save({ ...entry, session: { ...entry.session, ended, cleared, revoked, ...isReplaced && { next: after.session.key } } })
    }
    if (after) this.sessions.save({ ...after, session: { ...after.session, ...isReplaced && { previous: entry.session.key }, ...this.#revoked.endOf(after.session) } }, body)
    return after?.session
  }

  /** Records the end of each known session of a group, or one event if none is known. */
  #recordRevocations(message: ObservedMessage, group: SessionGroup, sources: string[]): void {
    const sessions = this.sessions.all().map(({ session }) => session).filter(session => isInGroup(group, message.storage, session))
    const ended = sessions.length > 0 ? sessions.map(({ name, handle }) => ({ name, handle })) : [{ handle: '' }]
    // A call without an event counts as a request.
    const common = { ...message, request: message.request ?? `call-${this.seq + 1}`, explanation: describeGroup(group) }
    for (const session of ended) this.record({ ...common, ...session }, sources)
  }

  /** The session of a message. A token that was rejected or not read names it by its seal, a revoked handle may be of another name. */
  #entryOf(message: ObservedMessage): SessionEntry | undefined {
    const { name, kind, tokenHash, storage, before, session } = message
    if (tokenHash !== undefined && !before && !session) return this.sessions.all().find(entry => entry.session.name === name && entry.session.seals?.includes(tokenHash!))
    const handle = handleOf(message, before ?? session)
    return this.sessions.get(keyOf(name, handle))
      ?? (kind === 'revoke' ? this.sessions.all().find(entry => entry.session.handle === handle && entry.session.storage === storage) : undefined)
  }

  #withData(session: RecordedSession): InspectedSession {
    const text = this.#bodies.get(session.key)
    return text === undefined || text.length > MAX_INLINE ? session : { ...session, ...parseBody(text) }
  }
}
