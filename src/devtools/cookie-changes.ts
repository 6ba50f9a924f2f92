import { createHash } from 'node:crypto'
import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { isLate } from './answers'
import type { Answer } from './answers'
import { isParallel, requestOf } from './parallel-requests'
import type { AnsweredRequest } from './parallel-requests'
import type { TimelineKind } from './protocol'

/** What a response does to the cookie of a session. */
export interface CookieChange extends AnsweredRequest, Pick<ObservedMessage, 'name' | 'request'> {
  /** The session, as before: `InspectedSession.key` */
  key: string
  /** The same of the session with the new id, or of one that began after clear(). */
  next: string
  kind?: TimelineKind
  /** Whether the response sets or removes the cookie. */
  hasCookie: boolean
  /** The events of its first and its last write. A renewal has none. */
  writes?: { first: number, last: number }
  /** Of a renewal: the event that has read the session. */
  load?: number
  /** The hashes of the data that the request has read and written, unless it is too large to copy. */
  read?: string
  written?: string
}

/** A change that reaches the browser after a parallel one, which it overwrites. */
export interface Overwriting { change: CookieChange, earlier: CookieChange }

const WRITES: readonly TimelineKind[] = ['create', 'update', 'regenerate', 'clear']

/**
 * Which cookie of a session a browser has: that of the response which was sent last. Stored sessions have none of this,
 * because their store refuses a write that would overwrite another.
 */
export class CookieChanges {
  readonly #unsent = new WeakMap<Answer, Map<string, CookieChange>>()
  /** Of each response and session: the event that has read it. */
  readonly #loads = new WeakMap<Answer, Map<string, number>>()
  /** By session: the change that reached a browser last. */
  readonly #last = new BoundedCache<string, CookieChange>({ maxEntries: 1000 })

  /** Notes a message. `sessions`: the keys of its session before and after it. */
  see(message: ObservedMessage, kind: TimelineKind | undefined, seq: number, answer: Answer, sessions: { before?: string, after?: string }): void {
    const { name, before, session, attributes, storage, keeper, request, transport } = message
    const key = sessions.before ?? sessions.after
    if (key === undefined || storage !== undefined || keeper === 'h3' || answer.isAborted || isLate(message, answer)) return
    const next = sessions.after ?? key
    const isWrite = kind !== undefined && WRITES.includes(kind)
    const loads = this.#loads.get(answer) ?? new Map<string, number>()
    if (kind === 'load') this.#loads.set(answer, loads.set(key, loads.get(key) ?? seq))
    // A renewal has no kind.
    if (!isWrite && kind !== undefined && attributes === undefined) return
    const changes = this.#unsent.get(answer) ?? new Map<string, CookieChange>()
    // After clear(), the cookie is that of a session which began later, unless that is cleared too.
    for (const change of changes.values()) if (change.kind === 'clear' && change.name === name) change.next = kind === 'clear' ? change.key : next
    const known = changes.get(key)
    if (known && !isWrite) return
    const change: CookieChange = {
      ...requestOf(message, answer),
      name, key, next, kind, request,
      hasCookie: attributes !== undefined || (kind === 'clear' && transport !== 'header'),
      writes: isWrite ? { first: known?.writes?.first ?? seq, last: seq } : undefined,
      load: kind === undefined ? loads.get(key) : undefined,
      read: known ? known.read : hashOf(before ?? session),
      written: hashOf(kind === 'clear' ? { data: {} } : session),
    }
    if (answer.sentAt !== undefined) return void this.#send(change)
    this.#unsent.set(answer, changes.set(key, change))
  }

  /** The response is sent. Returns the overwritten changes. */
  finish(answer: Answer): Overwriting[] {
    const changes = this.#unsent.get(answer)
    this.#unsent.delete(answer)
    return changes && !answer.isAborted ? [...changes.values()].flatMap(change => this.#send(change)) : []
  }

  #send(change: CookieChange): Overwriting[] {
    const { key, client } = change
    const earlier = this.#last.get(key)
    // A renewal is no event, but a hook may have written in it.
    this.#last.set(key, { ...change, writes: change.writes ?? earlier?.writes })
    if (!earlier) return []
    const isSameBrowser = client === undefined || earlier.client === undefined || client === earlier.client
    return isSameBrowser && isParallel(change, earlier) ? [{ change, earlier }] : []
  }
}

function hashOf(session: { data: object, flash?: object, isCut?: boolean, isLong?: boolean } | undefined): string | undefined {
  if (!session || session.isCut || session.isLong) return undefined
  return createHash('sha256').update(JSON.stringify([session.data, session.flash])).digest('base64url')
}
