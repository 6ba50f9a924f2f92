import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { shorten } from '../runtime/server/devtools/shorten'
import { describeCookie } from './cookie-verdict'
import { MAX_SEALS } from './protocol'
import type { InspectedSession } from './protocol'

/** A session as the development server records it. Its data is kept apart. */
export type RecordedSession = Omit<InspectedSession, 'data' | 'flash' | 'hasSameData'>

/** Creates the new state of a session from a message and, for what it lacks, from the previous state. */
export function fromMessage(key: string, handle: string, message: ObservedMessage, previous: RecordedSession | undefined): RecordedSession {
  const seals = new Set([message.tokenHash ?? [], previous?.seals ?? []].flat())
  const { name, at, kind, method, transport, storage, recordBytes, expiresAt, limit, keeper, bytes, chunks } = message
  const { id, userId, createdAt, lastSeenAt, authenticatedAt, maxAge, idleTimeout, device, data, isCut, isLong, sizes, userAgent, ip } = message.session!
  return {
    key, handle, name, keeper, storage, recordBytes, expiresAt,
    limit: limit ?? (expiresAt === previous?.expiresAt ? previous?.limit : undefined),
    userId, createdAt, authenticatedAt, maxAge, idleTimeout, userAgent, ip, isCut, sizes,
    deviceBound: device !== undefined || undefined,
    id: id ?? previous?.id,
    seals: seals.size > 0 ? [...seals].slice(0, MAX_SEALS) : undefined,
    user: isCut || isLong ? previous?.user ?? (userId && shorten(userId)) : userLabel(data, userId),
    // The panel's own look at a session, and its changes to another browser's, do not count as use.
    lastUsedAt: transport === 'unknown' || (kind === 'renew' && method === 'DevTools') ? Math.max(lastSeenAt ?? createdAt, previous?.lastUsedAt ?? 0) : at,
    transport: transportFrom(message, previous),
    bytes: bytes ?? previous?.bytes ?? 0,
    chunks: chunks ?? previous?.chunks ?? 1,
    cookie: describeCookie(message, previous?.cookie),
    // A use shows that it has not ended. `OverwrittenCookies` makes an exception for requests that were running at its end.
    ended: undefined,
    cleared: previous?.cleared,
    writers: previous?.writers,
    previous: previous?.previous,
  }
}

/** The best name for a session's user: `public.name` of the data, else from `data.user`, else the user id. */
export function userLabel({ public: shown, user }: { public?: unknown, user?: unknown }, userId: string | undefined): string | undefined {
  const { name, login, email, id } = fieldsOf(user)
  const label = [fieldsOf(shown).name, name, login, email, id].find(value => (typeof value === 'string' && value !== '') || typeof value === 'number')
  if (label === undefined) return userId && shorten(userId)
  const short = shorten(String(label))
  return userId && userId !== String(label) ? `${short} (${shorten(userId)})` : short
}

/** A value that is not an object is an id. */
function fieldsOf(value: unknown): Record<string, unknown> {
  return (typeof value === 'object' && value !== null ? value : { id: value }) as Record<string, unknown>
}

/** A new session that was sent is in a cookie from now on. */
function transportFrom({ transport, tokenHash }: ObservedMessage, previous: RecordedSession | undefined): InspectedSession['transport'] {
  if (transport === 'cookie' || transport === 'header') return transport
  if (previous && previous.transport !== 'unknown') return previous.transport
  return transport === 'none' && tokenHash !== undefined ? 'cookie' : transport
}
