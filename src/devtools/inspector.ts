import { createHash, randomUUID } from 'node:crypto'
import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/cookie/cookies'
import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import { MAX_INLINE, MAX_LISTED } from '../runtime/server/devtools/messages'
import type { ObservedMessage, ObservedSession, OwnSession, StoreReport, VerdictReport, WorkerReport } from '../runtime/server/devtools/messages'
import { Bodies, bodyBefore, bodyOf, changedKeys, dataIn } from './bodies'
import { fromMessage, userLabel } from './inspected'
import type { RecordedSession } from './inspected'
import type { DataResponse, EventResponse, InspectedSession, StateResponse, TimelineEvent, TimelineKind } from './protocol'
import { Timeline } from './timeline'
import { explain } from './unseal'

export const LIMITS = { cookieBytes: MAX_COOKIE_BYTES, timeline: 500, sessions: 1000, stored: MAX_LISTED }
// Each write makes a new seal, but parallel requests may still send an older one.
const MAX_SEALS = 10

/** `seals`: SHA-256 hashes of the session's newest seals. `changedAt`: the inspector's `seq` at its last change. */
interface Entry { session: RecordedSession, seals: string[], changedAt: number }

export type Changes = Pick<StateResponse, 'cursor' | 'isComplete' | 'sessions' | 'removed' | 'timeline'>

/** How events end a session. */
const ENDS: { [Kind in ObservedMessage['kind']]?: InspectedSession['ended'] } = { clear: 'cleared', regenerate: 'regenerated', revoke: 'revoked' }
const CHANGES: readonly TimelineKind[] = ['create', 'update', 'regenerate', 'clear', 'revoke']
const FINAL_ENDS: readonly RecordedSession['ended'][] = Object.values(ENDS)

/** The development server's record of sessions and events, in memory only. */
export class Inspector {
  /** Sessions seen in requests or changed by the panel, the last used at the end. */
  #fromRequests = new Map<string, Entry>()
  /** Sessions known only from their store. */
  #fromStores = new Map<string, Entry>()
  /** How many changes were recorded. */
  seq = 0
  readonly #run = randomUUID()
  readonly #bodies = new Bodies()
  readonly #timeline = new Timeline(this.#bodies, LIMITS.timeline)
  /** The last removed sessions. An earlier cursor gets everything. */
  readonly #removed: { key: string, at: number }[] = []
  #completeFrom = 0
  /** Hashes of tokens that the panel's own requests have opened. */
  readonly #opened = new Set<string>()

  get timeline(): TimelineEvent[] {
    return this.#timeline.events
  }

  /** What has changed since a cursor, or everything. */
  changesSince(cursor = ''): Changes {
    const [run, at] = cursor.split('.')
    const isComplete = run !== this.#run || !(Number(at) >= this.#completeFrom)
    const since = isComplete ? -1 : Number(at)
    return {
      cursor: `${this.#run}.${this.seq}`,
      isComplete,
      sessions: this.#entries().filter(({ changedAt }) => changedAt > since).map(({ session }) => this.#withData(session)),
      removed: isComplete ? [] : this.#removed.filter(({ key, at }) => at > since && !this.#entry(key)).map(({ key }) => key),
      timeline: this.#timeline.since(since),
    }
  }

  /** The keys of the browser's own sessions: its cookies are their seals, or refer to them. */
  currentKeys(cookieHeader: string, names: readonly string[], own: readonly OwnSession[]): string[] {
    const cookies = parse(cookieHeader) as Record<string, string>
    const ownSeals = new Set(names.map(name => joinChunks(name, cookies)).filter(Boolean).map(token => sha256(token!, 'base64url')))
    const sealed = this.#entries().filter(({ seals }) => seals.some(seal => ownSeals.has(seal))).map(({ session }) => session.key)
    return [...new Set([...sealed, ...own.map(({ name, handle }) => keyOf(name, handle))])]
  }

  /** The names of the browser's cookies whose session is not known. Each token is named once. */
  unknownCookies(cookieHeader: string, names: readonly string[], own: readonly OwnSession[]): string[] {
    const cookies = parse(cookieHeader) as Record<string, string>
    return names.filter((name) => {
      const token = joinChunks(name, cookies)
      const hash = token && sha256(token, 'base64url')
      const isKnown = own.some(each => each.name === name && this.#entry(keyOf(name, each.handle))) || this.#entries().some(({ seals }) => seals.includes(hash!))
      if (!hash || isKnown || this.#opened.has(hash)) return false
      this.#opened.add(hash)
      return true
    })
  }

  find(key: string): RecordedSession | undefined {
    return this.#entry(key)?.session
  }

  /** The session's data, if it was recorded in full. */
  dataOf(key: string): DataResponse | undefined {
    const text = this.#bodies.get(key)
    return text === undefined ? undefined : JSON.parse(text) as DataResponse
  }

  /** The data before and after an event, if it is still kept. */
  dataOfEvent(seq: number): EventResponse | undefined {
    return this.#timeline.dataOf(seq)
  }

  /** The stores of sessions seen in requests, each with the handles of its last used sessions that have not ended. */
  storedHandles(): Map<string, string[]> {
    const stores = new Map<string, string[]>()
    for (const { session: { storage, handle, ended } } of [...this.#fromRequests.values()].toReversed()) {
      if (storage === undefined || ended !== undefined) continue
      const handles = stores.get(storage) ?? []
      if (handles.length < MAX_LISTED) stores.set(storage, [...handles, handle])
    }
    return stores
  }

  /** Replaces the earlier reports of the stores. Returns whether that changes anything. */
  addStoreReports(reports: readonly StoreReport[]): boolean {
    const before = this.seq
    const previous = this.#fromStores
    this.#fromStores = new Map()
    for (const { storage, sessions, ended, error } of reports) {
      // A store that fails keeps its sessions.
      if (error !== undefined) {
        for (const [key, entry] of previous) if (entry.session.storage === storage) this.#fromStores.set(key, entry)
      }
      for (const message of sessions) this.#addStored(message, previous)
      const ends = new Map<string, RecordedSession['ended']>(ended.map(({ handle, reason }) => [handle, reason === 'superseded' ? 'regenerated' : reason]))
      for (const entry of this.#fromRequests.values()) {
        const { session } = entry
        const end = session.storage === storage && session.ended === undefined ? ends.get(session.handle) : undefined
        if (end) this.#fromRequests.set(session.key, { ...entry, session: { ...session, ended: end }, changedAt: ++this.seq })
      }
    }
    for (const key of previous.keys()) if (!this.#entry(key)) this.#remove(key)
    return this.seq > before
  }

  record(message: ObservedMessage, sources: string[] = []): void {
    if (message.user) return this.#recordRevocations(message, message.user, sources)
    this.seq++
    const entry = this.#entryOf(message)
    const before = entry?.session
    const recorded = before && this.#bodies.get(before.key)
    const kind = kindOf(message, before, recorded)
    const ended = kind && ENDS[kind]
    const isSameId = before?.id !== undefined && before.id === message.session?.id
    const after = message.session && this.#entryAfter(message)
    const isReplaced = entry !== undefined && after !== undefined && !isSameId && kind === 'regenerate'
    if (entry && ended && !isSameId) this.#save({ ...entry, session: { ...entry.session, ended, ...isReplaced && { next: after.session.key } } })
    if (after) this.#save(isReplaced ? { ...after, session: { ...after.session, previous: entry.session.key } } : after, bodyOf(message.session!))
    if (kind) this.#addEvent(message, kind, entry?.session, bodyBefore(message, before, recorded), sources)
  }

  /** Adds the response's status to the events of its request. */
  finish(report: Extract<WorkerReport, { type: 'sent' }>): void {
    this.#timeline.finish(report, ++this.seq)
  }

  /** Adds to a rejected token why it was rejected, and whose session it was. */
  explain(verdict: VerdictReport): void {
    const { reason, name, handle, token, inspected } = verdict
    this.#timeline.explain(verdict, (event) => {
      const { session } = inspected
      const key = handle === undefined ? event.key : keyOf(name, handle)
      const user = session ? userLabel(session.data, session.userId) : this.find(key ?? '')?.user
      return { key, user, explanation: explain(token, reason, inspected, name, event.key !== undefined) }
    }, ++this.seq)
  }

  /** Records the end of each known session of a user, or one event if none is known. */
  #recordRevocations(message: ObservedMessage, { id, except }: { id: string, except?: string }, sources: string[]): void {
    const sessions = this.#entries().map(({ session }) => session)
      .filter(({ storage, userId, handle, ended }) => storage === message.storage && userId === id && handle !== except && ended === undefined)
    const explanation = `All sessions of the user ${id}${except === undefined ? '' : ' except one'}.`
    const ended = sessions.length > 0 ? sessions.map(({ name, handle }) => ({ name, handle })) : [{}]
    for (const session of ended) this.record({ ...message, user: undefined, explanation, ...session }, sources)
  }

  /** The session of a message. A rejected token names it by its seal, a revoked handle may be of another name. */
  #entryOf(message: ObservedMessage): Entry | undefined {
    const { name, kind, tokenHash, storage, before, session } = message
    if (kind === 'reject') return this.#entries().find(entry => entry.session.name === name && entry.seals.includes(tokenHash!))
    const handle = handleOf(message, before ?? session)
    return this.#entry(keyOf(name, handle))
      ?? (kind === 'revoke' ? this.#entries().find(entry => entry.session.handle === handle && entry.session.storage === storage) : undefined)
  }

  #entries(): Entry[] {
    return [...this.#fromRequests.values(), ...this.#fromStores.values()]
  }

  #entry(key: string): Entry | undefined {
    return this.#fromRequests.get(key) ?? this.#fromStores.get(key)
  }

  #withData(session: RecordedSession): InspectedSession {
    const text = this.#bodies.get(session.key)
    return text === undefined || text.length > MAX_INLINE ? session : { ...session, ...JSON.parse(text) as DataResponse }
  }

  #entryAfter(message: ObservedMessage): Entry {
    const handle = handleOf(message, message.session)
    const key = keyOf(message.name, handle)
    const known = this.#entry(key)
    const seals = [message.tokenHash, ...known?.seals ?? []].filter(seal => seal !== undefined).slice(0, MAX_SEALS)
    return { session: fromMessage(key, handle, message, known?.session), seals, changedAt: this.seq }
  }

  #addStored(message: ObservedMessage, previous: ReadonlyMap<string, Entry>): void {
    const { key } = this.#entryAfter(message).session
    const known = this.#fromRequests.get(key) ?? previous.get(key)
    // The report may be older than an end that was seen in a request.
    if (known && FINAL_ENDS.includes(known.session.ended)) return
    const entry = { ...this.#entryAfter(message), session: fromMessage(key, message.handle!, message, known?.session) }
    const body = bodyOf(message.session!)
    const isUnchanged = known && JSON.stringify(known.session) === JSON.stringify(entry.session) && (message.session!.isLong || this.#bodies.get(key) === body)
    if (!isUnchanged) this.#bodies.set(key, body)
    const latest = isUnchanged ? known : { ...entry, changedAt: ++this.seq }
    if (this.#fromRequests.has(key)) this.#fromRequests.set(key, latest)
    else this.#fromStores.set(key, latest)
  }

  #save(entry: Entry, body?: string): void {
    const { key } = entry.session
    this.#fromStores.delete(key)
    this.#fromRequests.delete(key)
    this.#fromRequests.set(key, { ...entry, changedAt: this.seq })
    if (body !== undefined || entry.session.isCut) this.#bodies.set(key, body)
    const [oldest] = this.#fromRequests.keys()
    if (this.#fromRequests.size <= LIMITS.sessions) return
    this.#fromRequests.delete(oldest!)
    this.#remove(oldest!)
  }

  #remove(key: string): void {
    this.#bodies.set(key, undefined)
    this.#removed.push({ key, at: ++this.seq })
    if (this.#removed.length > LIMITS.sessions) this.#completeFrom = this.#removed.shift()!.at
  }

  #addEvent(message: ObservedMessage, kind: TimelineKind, known: RecordedSession | undefined, before: string | undefined, sources: string[]): void {
    const { name, session, at, method, path, request, keeper, reason, explanation } = message
    const { seq } = this
    const id = session?.id ?? message.before?.id ?? known?.id
    const handle = handleOf(message, session ?? message.before)
    const after = session && bodyOf(session)
    const isChange = CHANGES.includes(kind)
    const isCut = session?.isCut || message.before?.isCut
    const event: TimelineEvent = {
      seq, at, kind, name, keeper, method, path, request, reason, explanation, sources,
      ...handle !== '' || known ? { id, key: session || !known ? keyOf(name, handle) : known.key, user: known?.user } : undefined,
      changes: isChange && !isCut ? changedKeys(dataIn(before), dataIn(after)) : [],
      hasData: !isCut && (isChange || kind === 'load') && (before ?? after) !== undefined,
    }
    this.#timeline.add(event, event.hasData ? { before: isChange ? before : undefined, after } : {}, message.verdict)
  }
}

/**
 * Returns the kind of the timeline's event. A renewal is not shown, and a migration is shown as a new id.
 * h3's own functions report nothing, so their changes are found by comparing the data.
 */
function kindOf(message: ObservedMessage, before: RecordedSession | undefined, recorded: string | undefined): TimelineKind | undefined {
  const { kind, keeper, session } = message
  if (kind === 'renew') return undefined
  if (kind === 'update' && keeper === 'module' && message.before?.id !== undefined && message.before.id !== session?.id) return 'regenerate'
  if (keeper === 'module' || kind !== 'update') return kind
  return !before || recorded === bodyOf(session!) ? 'load' : 'update'
}

function handleOf({ handle }: ObservedMessage, session: ObservedSession | undefined): string {
  return handle ?? (session?.id === undefined ? '' : sha256(session.id, 'hex'))
}

function keyOf(name: string, handle: string): string {
  return `${name}:${handle}`
}

function sha256(text: string, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding)
}
