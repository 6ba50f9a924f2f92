import { MAX_LISTED } from '../runtime/server/devtools/messages'
import type { ObservedMessage, ObservedSession, StoreReport } from '../runtime/server/devtools/messages'
import { bodyOf } from './bodies'
import type { Bodies } from './bodies'
import { sessionHandle } from './hashes'
import { fromMessage } from './inspected'
import type { RecordedSession } from './inspected'
import { isEndedByCall } from './kinds'

/** `changedAt` and `dataAt`: the sequence numbers of its last change, and of that of its data. */
export interface SessionEntry { session: RecordedSession, changedAt: number, dataAt: number }

/** A session at a time, and its data as JSON. */
export interface SessionState { session: RecordedSession, body?: string }

export interface SessionChanges { entries: SessionEntry[], removed: string[] }

/** `seq` is raised by each change of what the panel shows. */
export interface Counter { seq: number }

/** The sessions that the development server has seen. */
export class Sessions {
  /** Sessions seen in requests or changed by the panel, the last used at the end. */
  #fromRequests = new Map<string, SessionEntry>()
  /** Sessions known only from their store. */
  #fromStores = new Map<string, SessionEntry>()
  /** The last removed sessions. An earlier cursor gets everything. */
  readonly #removed: { key: string, at: number }[] = []
  /** From this sequence number on, `since` returns all changes. */
  completeFrom = 0

  constructor(private readonly bodies: Bodies, private readonly counter: Counter, private readonly limit: number) {}

  all(): SessionEntry[] {
    return [...this.#fromRequests.values(), ...this.#fromStores.values()]
  }

  get(key: string): SessionEntry | undefined {
    return this.#fromRequests.get(key) ?? this.#fromStores.get(key)
  }

  /** The sessions that were changed later, and the keys of those that are no longer listed. */
  since(at: number): SessionChanges {
    return {
      entries: this.all().filter(({ changedAt }) => changedAt > at),
      removed: this.#removed.filter(removed => removed.at > at && !this.get(removed.key)).map(({ key }) => key),
    }
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
    const before = this.counter.seq
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
        if (end) this.#fromRequests.set(session.key, { ...entry, session: { ...session, ended: end }, changedAt: ++this.counter.seq })
      }
    }
    for (const key of previous.keys()) if (!this.get(key)) this.#remove(key)
    return this.counter.seq > before
  }

  /** Changes facts of a session, if it is known. */
  change(key: string, facts: Partial<RecordedSession>): void {
    const entry = this.get(key)
    const entries = this.#fromRequests.has(key) ? this.#fromRequests : this.#fromStores
    if (entry) entries.set(key, { ...entry, session: { ...entry.session, ...facts }, changedAt: this.counter.seq })
  }

  /** Shows an earlier state of a cookie session again. What became of the session stays. */
  restore({ session, body }: SessionState): void {
    const { key } = session
    const entry = this.#fromRequests.get(key)
    if (!entry || entry.session === session) return
    const { seals, lastUsedAt, ended, cleared, next } = entry.session
    const hasSameData = body === this.bodies.get(key)
    if (!hasSameData) this.bodies.set(key, body)
    const { seq } = this.counter
    this.#fromRequests.set(key, {
      session: { ...session, seals, lastUsedAt, ended, cleared, next, ...fateOf(entry.session) },
      changedAt: seq,
      dataAt: hasSameData ? entry.dataAt : seq,
    })
  }

  /** The state of a session after a message. */
  after(message: ObservedMessage): SessionEntry {
    const handle = handleOf(message, message.session)
    const key = keyOf(message.name, handle)
    const known = this.get(key)
    return { session: fromMessage(key, handle, message, known?.session), changedAt: this.counter.seq, dataAt: known?.dataAt ?? this.counter.seq }
  }

  /** Makes a session the last used. */
  save(entry: SessionEntry, body?: string): void {
    const { key } = entry.session
    this.#fromStores.delete(key)
    this.#fromRequests.delete(key)
    const hasNewData = (body !== undefined || entry.session.isCut) && body !== this.bodies.get(key)
    this.#fromRequests.set(key, { ...entry, changedAt: this.counter.seq, dataAt: hasNewData ? this.counter.seq : entry.dataAt })
    if (body !== undefined || entry.session.isCut) this.bodies.set(key, body)
    const [oldest] = this.#fromRequests.keys()
    if (this.#fromRequests.size <= this.limit) return
    this.#fromRequests.delete(oldest!)
    this.#remove(oldest!)
  }

  forgetEnded(now: number): void {
    for (const { session: { key, ended, expiresAt = Infinity } } of this.all()) {
      if (ended === undefined && expiresAt > now) continue
      this.#fromRequests.delete(key)
      this.#fromStores.delete(key)
      this.bodies.set(key, undefined)
    }
  }

  #addStored(message: ObservedMessage, previous: ReadonlyMap<string, SessionEntry>): void {
    const { key } = this.after(message).session
    const known = this.#fromRequests.get(key) ?? previous.get(key)
    // The store's report may be older.
    if (known && isEndedByCall(known.session)) return
    // A look at the store is no use of the session.
    const entry = { ...this.after(message), session: { ...fromMessage(key, message.handle!, message, known?.session), ...fateOf(known?.session) } }
    const body = bodyOf(message.session!)
    const { isLong } = message.session!
    const hasSameData = known !== undefined && (isLong || this.bodies.get(key) === body)
    const isUnchanged = hasSameData && JSON.stringify(known.session) === JSON.stringify(entry.session)
    if (!isUnchanged) this.bodies.set(key, body)
    const changedAt = isUnchanged ? known.changedAt : ++this.counter.seq
    const latest = isUnchanged ? known : { ...entry, changedAt, dataAt: hasSameData && !isLong ? known.dataAt : changedAt }
    if (this.#fromRequests.has(key)) this.#fromRequests.set(key, latest)
    else this.#fromStores.set(key, latest)
  }

  #remove(key: string): void {
    this.bodies.set(key, undefined)
    this.#removed.push({ key, at: ++this.counter.seq })
    if (this.#removed.length > this.limit) this.completeFrom = this.#removed.shift()!.at
  }
}

/** The session's handle, or an empty text if the message names no session. */
export function handleOf({ handle }: Pick<ObservedMessage, 'handle'>, session: ObservedSession | undefined): string {
  return handle ?? (session?.id === undefined ? '' : sessionHandle(session.id))
}

/** `InspectedSession.key` */
export function keyOf(name: string, handle: string): string {
  return `${name}:${handle}`
}

/** What became of the cookie in the browser. */
function fateOf({ overwritten, unreturned, undelivered }: Partial<RecordedSession> = {}): Pick<RecordedSession, 'overwritten' | 'unreturned' | 'undelivered'> {
  return { overwritten, unreturned, undelivered }
}
