import type { EndedSession, ObservedMessage, StoredSession } from '../runtime/server/devtools/messages'
import { describeCookie } from './cookie-facts'
import type { InspectedSession, JsonObject } from './protocol'

/** A session as the development server records it. `isCurrent` depends on the browser that asks. */
export type RecordedSession = Omit<InspectedSession, 'isCurrent'>

/** Creates the new state of a session from a message and, for what it lacks, from the previous state. */
export function fromMessage(key: string, handle: string, message: ObservedMessage, previous: RecordedSession | undefined): RecordedSession {
  const session = message.session!
  return {
    ...contentOf(session),
    key,
    name: message.name,
    id: session.id ?? previous?.id,
    handle,
    storage: message.storage,
    recordBytes: message.recordBytes,
    lastUsedAt: isUse(message) ? message.at : previous?.lastUsedAt ?? session.lastSeenAt ?? message.at,
    expiresAt: message.expiresAt,
    carrier: carrierOf(message, previous),
    keeper: message.keeper,
    bytes: message.bytes ?? previous?.bytes ?? 0,
    chunks: message.chunks ?? previous?.chunks ?? 1,
    cookie: describeCookie(message, previous?.cookie),
  }
}

/** Creates the new state of a session from its store's record and, for what it lacks, from earlier requests. */
export function fromStore(key: string, name: string, storage: string, stored: StoredSession, previous: RecordedSession | undefined): RecordedSession {
  const { handle, session, expiresAt, bytes } = stored
  return {
    ...contentOf(session),
    key,
    name,
    id: previous?.id,
    handle,
    storage,
    recordBytes: bytes,
    lastUsedAt: Math.max(session.lastSeenAt ?? session.createdAt, previous?.lastUsedAt ?? 0),
    expiresAt,
    carrier: previous?.carrier ?? 'unknown',
    keeper: 'module',
    bytes: previous?.bytes ?? 0,
    chunks: previous?.chunks ?? 1,
    cookie: previous?.cookie,
  }
}

/** Maps a store's reason to the panel's word for how a session ended. */
export function endedOf({ reason }: EndedSession): InspectedSession['ended'] {
  return reason === 'superseded' ? 'regenerated' : reason
}

export function isExpired({ expiresAt }: RecordedSession, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

function contentOf(session: NonNullable<ObservedMessage['session']>) {
  const { userId, createdAt, authenticatedAt, maxAge, data, flash, isCut, userAgent, ip } = session
  return { userId, createdAt, authenticatedAt, maxAge, data: data as JsonObject, flash: flash as JsonObject | undefined, isCut, userAgent, ip }
}

/** The panel's own changes to another browser's session do not count as use. */
function isUse({ carrier }: ObservedMessage): boolean {
  return carrier !== 'unknown'
}

/** A new session that was sent is in a cookie from now on. */
function carrierOf({ carrier, tokenHash }: ObservedMessage, previous: RecordedSession | undefined): InspectedSession['carrier'] {
  if (carrier === 'cookie' || carrier === 'header') return carrier
  const before = previous?.carrier === 'unknown' ? undefined : previous?.carrier
  return before ?? (carrier === 'none' && tokenHash !== undefined ? 'cookie' : carrier)
}
