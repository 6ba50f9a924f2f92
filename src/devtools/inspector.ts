import { createHash } from 'node:crypto'
import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/cookie/cookies'
import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import { MAX_LISTED } from '../runtime/server/devtools/messages'
import type { ObservedMessage, ObservedSession, StoredAnswer, StoreReport } from '../runtime/server/devtools/messages'
import { fromMessage } from './inspected'
import type { RecordedSession } from './inspected'
import type { InspectedSession, JsonObject, TimelineEvent, TimelineKind } from './protocol'

export const LIMITS = { cookieBytes: MAX_COOKIE_BYTES, timeline: 500, sessions: 1000, stored: MAX_LISTED }
// Each write makes a new seal, but parallel requests may still send an older one.
const MAX_SEALS = 10

/** `seals`: SHA-256 hashes of the session's newest seals. */
interface Entry { session: RecordedSession, seals: string[] }

/** How events end a session. */
const ENDS: { [Kind in ObservedMessage['kind']]?: InspectedSession['ended'] } = { clear: 'cleared', regenerate: 'regenerated', revoke: 'revoked' }
const FINAL_ENDS: readonly RecordedSession['ended'][] = Object.values(ENDS)

/** The development server's record of sessions and events, in memory only. */
export class Inspector {
  /** Sessions seen in requests or changed by the panel, the last used at the end. */
  #fromRequests = new Map<string, Entry>()
  /** Sessions known only from their store. */
  #fromStores = new Map<string, Entry>()
  readonly timeline: TimelineEvent[] = []
  /** How many messages were recorded. */
  seq = 0

  /** All sessions, the last used first. The cookies and `own` decide which of them are the browser's own. */
  sessions(cookieHeader: string, names: readonly string[], now: number, own: StoredAnswer['own'] = []): InspectedSession[] {
    const cookies = parse(cookieHeader) as Record<string, string>
    const ownSeals = new Set(names.map(name => joinChunks(name, cookies)).filter(Boolean).map(token => sha256(token!, 'base64url')))
    const ownKeys = new Set(own.map(({ name, handle }) => keyOf(name, handle)))
    return [...this.#fromRequests.values(), ...this.#fromStores.values()].map(({ session, seals }) => {
      const ended = endedAt(session, now)
      const isOwn = ownKeys.has(session.key) || seals.some(seal => ownSeals.has(seal))
      return { ...session, ended, isCurrent: ended === undefined && isOwn }
    }).toSorted((a, b) => b.lastUsedAt - a.lastUsedAt)
  }

  find(key: string): RecordedSession | undefined {
    return this.#entry(key)?.session
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

  /** Replaces the earlier reports of the stores. */
  addStoreReports(reports: readonly StoreReport[]): void {
    this.#fromStores.clear()
    for (const { storage, sessions, ended } of reports) {
      for (const message of sessions) {
        const entry = this.#entryAfter(message)
        const { key } = entry.session
        const known = this.#fromRequests.get(key)
        if (!known) this.#fromStores.set(key, entry)
        // The report may be older than an end that was seen in a request.
        else if (!FINAL_ENDS.includes(known.session.ended)) this.#fromRequests.set(key, entry)
      }
      const ends = new Map<string, RecordedSession['ended']>(ended.map(({ handle, reason }) => [handle, reason === 'superseded' ? 'regenerated' : reason]))
      for (const { session } of this.#fromRequests.values()) {
        if (session.storage === storage) session.ended ??= ends.get(session.handle)
      }
    }
  }

  record(message: ObservedMessage, source: string | undefined): void {
    this.seq++
    const entry = this.#entry(keyOf(message.name, handleOf(message, message.before ?? message.session)))
    const before = entry?.session
    const kind = kindOf(message, before)
    const ended = kind && ENDS[kind]
    const isSameId = before?.id !== undefined && before.id === message.session?.id
    const data = dataBefore(message, before)
    if (entry && ended && !isSameId) this.#save({ ...entry, session: { ...entry.session, ended } })
    if (message.session) this.#save(this.#entryAfter(message))
    if (kind) this.#addEvent(message, kind, data, source)
  }

  #entry(key: string): Entry | undefined {
    return this.#fromRequests.get(key) ?? this.#fromStores.get(key)
  }

  #entryAfter(message: ObservedMessage): Entry {
    const handle = handleOf(message, message.session)
    const key = keyOf(message.name, handle)
    const known = this.#entry(key)
    const seals = [message.tokenHash, ...known?.seals ?? []].filter(seal => seal !== undefined).slice(0, MAX_SEALS)
    return { session: fromMessage(key, handle, message, known?.session), seals }
  }

  #save(entry: Entry): void {
    const { key } = entry.session
    this.#fromStores.delete(key)
    this.#fromRequests.delete(key)
    this.#fromRequests.set(key, entry)
    const [oldest] = this.#fromRequests.keys()
    if (this.#fromRequests.size > LIMITS.sessions) this.#fromRequests.delete(oldest!)
  }

  #addEvent(message: ObservedMessage, kind: TimelineKind, before: JsonObject | undefined, source: string | undefined): void {
    const { name, session, at, method, path, keeper, reason } = message
    const id = session?.id ?? message.before?.id
    const handle = handleOf(message, session ?? message.before)
    const isCut = session?.isCut || message.before?.isCut
    this.timeline.push({
      seq: this.seq, at, kind, name, keeper, method, path, reason, source,
      ...handle !== '' && kind !== 'reject' && { id, key: keyOf(name, handle) },
      ...isCut ? { isCut } : { before, after: session?.data as JsonObject | undefined },
    })
    if (this.timeline.length > LIMITS.timeline) this.timeline.shift()
  }
}

/** If a session is missing from its store after its expiry, it has expired. */
function endedAt({ ended, expiresAt }: RecordedSession, now: number): RecordedSession['ended'] {
  const isExpired = expiresAt !== undefined && expiresAt <= now
  return isExpired && (ended === undefined || ended === 'gone') ? 'expired' : ended
}

/**
 * Returns the kind of the timeline's event. A renewal is not shown, and a migration is shown as a new id.
 * h3's own functions report nothing, so their changes are found by comparing the data.
 */
function kindOf(message: ObservedMessage, before: RecordedSession | undefined): TimelineKind | undefined {
  const { kind, keeper, session } = message
  if (kind === 'renew') return undefined
  if (kind === 'update' && keeper === 'module' && message.before?.id !== undefined && message.before.id !== session?.id) return 'regenerate'
  if (keeper === 'module' || kind !== 'update') return kind
  if (!before) return 'load'
  return JSON.stringify(before.data) === JSON.stringify(session?.data) ? 'load' : 'update'
}

/** A request's own copy of a stored session lacks what other requests have written since, so the inspector's copy is used. */
function dataBefore({ keeper, carrier, before }: ObservedMessage, recorded: RecordedSession | undefined): JsonObject | undefined {
  const isStoredRequest = recorded?.storage !== undefined && carrier !== 'unknown'
  if (keeper === 'h3' || isStoredRequest) return recorded?.data
  return before?.data as JsonObject | undefined
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
