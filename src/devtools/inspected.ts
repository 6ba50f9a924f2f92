import type { EndedSession, ObservedMessage, StoredSession } from '../runtime/server/devtools/messages'
import { describeCookie } from './cookie-facts'
import type { InspectedSession, JsonObject } from './protocol'

/** A session as the development server keeps it: whose browser asks is another matter. */
export type KnownSession = Omit<InspectedSession, 'isCurrent'>

/** What a message tells of its session, over what was known. */
export function fromMessage(key: string, handle: string, message: ObservedMessage, known: KnownSession | undefined): KnownSession {
  const session = message.session!
  return {
    ...contentOf(session),
    key,
    name: message.name,
    id: session.id ?? known?.id,
    handle,
    storage: message.storage,
    recordBytes: message.recordBytes,
    lastUsedAt: isUse(message) ? message.at : known?.lastUsedAt ?? session.lastSeenAt ?? message.at,
    expiresAt: message.expiresAt,
    carrier: carrierOf(message, known),
    keeper: message.keeper,
    bytes: message.bytes ?? known?.bytes ?? 0,
    chunks: message.chunks ?? known?.chunks ?? 1,
    cookie: describeCookie(message, known?.cookie),
  }
}

/** What a store tells of a session, over what requests have shown. */
export function fromStore(key: string, name: string, storage: string, stored: StoredSession, known: KnownSession | undefined): KnownSession {
  const { handle, session, expiresAt, bytes } = stored
  return {
    ...contentOf(session),
    key,
    name,
    id: known?.id,
    handle,
    storage,
    recordBytes: bytes,
    lastUsedAt: Math.max(session.lastSeenAt ?? session.createdAt, known?.lastUsedAt ?? 0),
    expiresAt,
    carrier: known?.carrier ?? 'unknown',
    keeper: 'module',
    bytes: known?.bytes ?? 0,
    chunks: known?.chunks ?? 1,
    cookie: known?.cookie,
  }
}

const ENDS: Record<EndedSession['reason'], NonNullable<InspectedSession['ended']>> = {
  revoked: 'revoked', superseded: 'regenerated', expired: 'expired', malformed: 'malformed', gone: 'gone',
}

/** How a session ended of which its store says so. */
export function endOf({ reason }: EndedSession): InspectedSession['ended'] {
  return ENDS[reason]
}

export function isOver({ expiresAt }: KnownSession, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

function contentOf(session: NonNullable<ObservedMessage['session']>) {
  const { userId, createdAt, authenticatedAt, maxAge, data, flash, isCut, userAgent, ip } = session
  return { userId, createdAt, authenticatedAt, maxAge, data: data as JsonObject, flash: flash as JsonObject | undefined, isCut, userAgent, ip }
}

/** What the panel does to another browser's session is no use of it. */
function isUse({ carrier }: ObservedMessage): boolean {
  return carrier !== 'unknown'
}

/** A session that came with nothing and was sent has the cookie from now on. */
function carrierOf({ carrier, tokenHash }: ObservedMessage, known: KnownSession | undefined): InspectedSession['carrier'] {
  if (carrier === 'cookie' || carrier === 'header') return carrier
  const before = known?.carrier === 'unknown' ? undefined : known?.carrier
  return before ?? (carrier === 'none' && tokenHash !== undefined ? 'cookie' : carrier)
}
