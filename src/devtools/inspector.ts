import { createHash } from 'node:crypto'
import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/chunks'
import { MAX_COOKIE_BYTES } from '../runtime/core/cookie-rules'
import { MAX_LISTED } from '../runtime/server/devtools/messages'
import type { ObservedMessage, ObservedSession, StoredAnswer, StoreReport } from '../runtime/server/devtools/messages'
import { endOf, fromMessage, fromStore, isOver } from './inspected'
import type { KnownSession } from './inspected'
import type { InspectedSession, JsonObject, TimelineEvent, TimelineKind } from './protocol'

export const LIMITS = { cookieBytes: MAX_COOKIE_BYTES, timeline: 500, sessions: 1000, stored: MAX_LISTED }
// A session is sealed anew at each write; requests under way may still carry the seal before.
const REMEMBERED_SEALS = 10

interface Seen { session: KnownSession, seals: string[] }

/** What the development server has seen of sessions, in memory only. */
export class Inspector {
  #seen = new Map<string, Seen>()
  /** What stores have told of sessions that nothing has shown. */
  #unseen = new Map<string, KnownSession>()
  #timeline: TimelineEvent[] = []
  #seq = 0

  get seq() { return this.#seq }
  get timeline(): readonly TimelineEvent[] { return this.#timeline }

  /** The sessions as a browser with this `Cookie` header, and `own` in stores, sees them, the last used first. */
  sessions(cookieHeader: string, names: readonly string[], now: number, own: StoredAnswer['own'] = []): InspectedSession[] {
    const cookies = parse(cookieHeader) as Record<string, string>
    const seals = new Set(names.map(name => joinChunks(name, cookies)).filter(Boolean).map(token => sha256(token!, 'base64url')))
    const ownKeys = new Set(own.map(({ name, handle }) => keyOf(name, handle)))
    const unseen = Array.from(this.#unseen.values(), session => ({ session, seals: [] as string[] }))
    return [...this.#seen.values(), ...unseen].map(({ session, seals: known }) => {
      const ended = endedBy(session, now)
      const isOwn = ownKeys.has(session.key) || known.some(seal => seals.has(seal))
      return { ...session, ended, isCurrent: ended === undefined && isOwn }
    }).toSorted((a, b) => b.lastUsedAt - a.lastUsedAt)
  }

  find(key: string): KnownSession | undefined {
    return this.#seen.get(key)?.session ?? this.#unseen.get(key)
  }

  /** The stores that sessions were seen in, each with the handles of those last used and not known to have ended. */
  storedHandles(): Map<string, string[]> {
    const stores = new Map<string, string[]>()
    for (const { session: { storage, handle, ended } } of [...this.#seen.values()].toReversed()) {
      if (storage === undefined || ended !== undefined) continue
      const handles = stores.get(storage) ?? []
      if (handles.length < MAX_LISTED) stores.set(storage, [...handles, handle])
    }
    return stores
  }

  /** Learns what lies in the stores; `nameOf` a store is that of records that do not say theirs. */
  follow(reports: readonly StoreReport[], nameOf: (storage: string) => string): void {
    this.#unseen.clear()
    for (const { storage, sessions, ended } of reports) {
      for (const stored of sessions) {
        const name = stored.name ?? nameOf(storage)
        const key = keyOf(name, stored.handle)
        const seen = this.#seen.get(key)
        if (!seen) this.#unseen.set(key, fromStore(key, name, storage, stored, undefined))
        else if (!wasEnded(seen.session)) seen.session = fromStore(key, name, storage, stored, seen.session)
      }
      const ends = new Map(ended.map(session => [session.handle, endOf(session)]))
      for (const { session } of this.#seen.values()) {
        if (session.storage === storage) session.ended ??= ends.get(session.handle)
      }
    }
  }

  record(message: ObservedMessage, source: string | undefined): void {
    this.#seq++
    const before = this.find(keyOf(message.name, handleOf(message, message.before ?? message.session)))
    const kind = kindOf(message, before)
    if (kind === 'clear' && before) before.ended = 'cleared'
    if (kind === 'regenerate' && before && before.id !== message.session?.id) before.ended = 'regenerated'
    if (kind === 'revoke' && before) this.#remember({ session: { ...before, ended: 'revoked' }, seals: this.#seen.get(before.key)?.seals ?? [] })
    const earlier = dataBefore(message, before)
    if (message.session) this.#keep(message)
    if (kind) this.#tell(message, kind, earlier, source)
  }

  #keep(message: ObservedMessage): void {
    const handle = handleOf(message, message.session)
    const key = keyOf(message.name, handle)
    const seals = [message.tokenHash, ...this.#seen.get(key)?.seals ?? []].filter(seal => seal !== undefined).slice(0, REMEMBERED_SEALS)
    this.#remember({ session: fromMessage(key, handle, message, this.find(key)), seals })
  }

  #remember(seen: Seen): void {
    const { key } = seen.session
    this.#unseen.delete(key)
    this.#seen.delete(key)
    this.#seen.set(key, seen)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > LIMITS.sessions) this.#seen.delete(oldest!)
  }

  #tell(message: ObservedMessage, kind: TimelineKind, before: JsonObject | undefined, source: string | undefined): void {
    const { name, session, at, method, path, keeper, reason } = message
    const id = session?.id ?? message.before?.id
    const handle = handleOf(message, session ?? message.before)
    const isCut = session?.isCut || message.before?.isCut
    this.#timeline.push({
      seq: this.#seq, at, kind, name, keeper, method, path, reason, source,
      ...handle !== '' && kind !== 'reject' && { id, key: keyOf(name, handle) },
      ...isCut ? { isCut } : { before, after: session?.data as JsonObject | undefined },
    })
    if (this.#timeline.length > LIMITS.timeline) this.#timeline.shift()
  }
}

/** What is gone from its store after its end has expired. */
function endedBy(session: KnownSession, now: number): KnownSession['ended'] {
  const { ended } = session
  return isOver(session, now) && (ended === undefined || ended === 'gone') ? 'expired' : ended
}

/** Whether a session was ended by what is never undone. */
function wasEnded({ ended }: KnownSession): boolean {
  return ended === 'cleared' || ended === 'regenerated' || ended === 'revoked'
}

/**
 * h3 tells nothing of its own: what changed is seen by comparing. A renewal is none for the reader, and a session
 * that moves into its store is one with a new id.
 */
function kindOf(message: ObservedMessage, before: KnownSession | undefined): TimelineKind | undefined {
  const { kind, keeper, session } = message
  if (kind === 'renew') return undefined
  if (kind === 'update' && keeper === 'module' && message.before?.id !== undefined && message.before.id !== session?.id) return 'regenerate'
  if (keeper === 'module' || kind !== 'update') return kind
  if (!before) return 'load'
  return JSON.stringify(before.data) === JSON.stringify(session?.data) ? 'load' : 'update'
}

/** Of what others wrote meanwhile into a store, the request's own copy knows nothing. */
function dataBefore({ keeper, carrier, before }: ObservedMessage, known: KnownSession | undefined): JsonObject | undefined {
  const isWrittenByOthers = known?.storage !== undefined && carrier !== 'unknown'
  if (keeper === 'h3' || isWrittenByOthers) return known?.data
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
