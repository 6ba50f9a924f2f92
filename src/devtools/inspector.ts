import { createHash } from 'node:crypto'
import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/chunks'
import { MAX_COOKIE_BYTES } from '../runtime/core/cookie-rules'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { describeCookie } from './cookie-facts'
import type { InspectedSession, JsonObject, TimelineEvent, TimelineKind } from './protocol'

export const LIMITS = { cookieBytes: MAX_COOKIE_BYTES, timeline: 500, sessions: 1000 }
// A session is sealed anew at each write; requests under way may still carry the seal before.
const REMEMBERED_SEALS = 10

interface Seen { session: Omit<InspectedSession, 'isCurrent'>, seals: string[] }

/** What the development server has seen of sessions, in memory only. */
export class Inspector {
  #seen = new Map<string, Seen>()
  #timeline: TimelineEvent[] = []
  #seq = 0

  get seq() { return this.#seq }
  get timeline(): readonly TimelineEvent[] { return this.#timeline }

  /** The sessions as a browser with this `Cookie` header sees them, the last used first. */
  sessions(cookieHeader: string, names: readonly string[], now: number): InspectedSession[] {
    const cookies = parse(cookieHeader) as Record<string, string>
    const seals = new Set(names.map(name => joinChunks(name, cookies)).filter(Boolean).map(token => sha256(token!)))
    return Array.from(this.#seen.values(), ({ session, seals: own }) => {
      const ended = session.ended ?? (isOver(session, now) ? 'expired' : undefined)
      return { ...session, ended, isCurrent: ended === undefined && own.some(seal => seals.has(seal)) }
    }).toSorted((a, b) => b.lastUsedAt - a.lastUsedAt)
  }

  find(key: string): Omit<InspectedSession, 'isCurrent'> | undefined {
    return this.#seen.get(key)?.session
  }

  record(message: ObservedMessage, source: string | undefined): void {
    this.#seq++
    const before = this.#seen.get(keyOf(message.name, (message.before ?? message.session)?.id))?.session
    const kind = kindOf(message, before)
    if (kind === 'clear' && before) before.ended = 'cleared'
    if (kind === 'regenerate' && before && before.id !== message.session?.id) before.ended = 'regenerated'
    if (message.session) this.#keep(message)
    if (kind) this.#tell(message, kind, before, source)
  }

  #keep(message: ObservedMessage): void {
    const session = message.session!
    const key = keyOf(message.name, session.id)
    const known = this.#seen.get(key)
    const seals = [message.tokenHash, ...known?.seals ?? []].filter(seal => seal !== undefined).slice(0, REMEMBERED_SEALS)
    this.#seen.delete(key)
    this.#seen.set(key, { session: toInspected(key, message, known?.session), seals: seals as string[] })
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > LIMITS.sessions) this.#seen.delete(oldest!)
  }

  #tell(message: ObservedMessage, kind: TimelineKind, before: Seen['session'] | undefined, source: string | undefined): void {
    const { name, session, at, method, path, keeper, reason } = message
    const id = session?.id ?? message.before?.id
    this.#timeline.push({
      seq: this.#seq, at, kind, name, keeper, method, path, reason, source,
      ...id !== undefined && kind !== 'reject' && { id, key: keyOf(name, id) },
      before: (message.before?.data ?? (keeper === 'h3' ? before?.data : undefined)) as JsonObject | undefined,
      after: session?.data as JsonObject | undefined,
    })
    if (this.#timeline.length > LIMITS.timeline) this.#timeline.shift()
  }
}

function toInspected(key: string, message: ObservedMessage, known: Seen['session'] | undefined): Seen['session'] {
  const session = message.session!
  return {
    key,
    name: message.name,
    id: session.id,
    userId: session.userId,
    createdAt: session.createdAt,
    authenticatedAt: session.authenticatedAt,
    lastUsedAt: message.at,
    expiresAt: message.expiresAt,
    maxAge: session.maxAge,
    carrier: carrierOf(message, known),
    keeper: message.keeper,
    data: session.data as JsonObject,
    flash: session.flash as JsonObject | undefined,
    bytes: message.bytes ?? known?.bytes ?? 0,
    chunks: message.chunks ?? known?.chunks ?? 1,
    cookie: describeCookie(message, known?.cookie),
  }
}

function isOver({ expiresAt }: Seen['session'], now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

/** A session that came with nothing and was sent has the cookie from now on. */
function carrierOf({ carrier, tokenHash }: ObservedMessage, known: Seen['session'] | undefined): InspectedSession['carrier'] {
  if (carrier !== 'none') return carrier
  return known?.carrier ?? (tokenHash === undefined ? 'none' : 'cookie')
}

/** h3 tells nothing of its own: what changed is seen by comparing. A renewal is none for the reader. */
function kindOf(message: ObservedMessage, before: Seen['session'] | undefined): TimelineKind | undefined {
  if (message.kind === 'renew') return undefined
  if (message.keeper === 'module' || message.kind !== 'update') return message.kind
  if (!before) return 'load'
  return JSON.stringify(before.data) === JSON.stringify(message.session?.data) ? 'load' : 'update'
}

function keyOf(name: string, id: string | undefined): string {
  return `${name}:${id ?? ''}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
