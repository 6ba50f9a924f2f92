import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { describeCookie } from './cookie-facts'
import type { InspectedSession, JsonObject } from './protocol'

/** A session as the development server records it. `isCurrent` depends on the browser that asks. */
export type RecordedSession = Omit<InspectedSession, 'isCurrent'>

/** Creates the new state of a session from a message and, for what it lacks, from the previous state. */
export function fromMessage(key: string, handle: string, message: ObservedMessage, previous: RecordedSession | undefined): RecordedSession {
  const { name, at, carrier, storage, recordBytes, expiresAt, keeper, bytes, chunks } = message
  const { id, userId, createdAt, lastSeenAt, authenticatedAt, maxAge, data, flash, isCut, userAgent, ip } = message.session!
  return {
    key, handle, name, keeper, storage, recordBytes, expiresAt,
    userId, createdAt, authenticatedAt, maxAge, userAgent, ip, isCut,
    id: id ?? previous?.id,
    data: data as JsonObject,
    flash: flash as JsonObject | undefined,
    // The panel's own changes to another browser's session do not count as use.
    lastUsedAt: carrier === 'unknown' ? Math.max(lastSeenAt ?? createdAt, previous?.lastUsedAt ?? 0) : at,
    carrier: carrierOf(message, previous),
    bytes: bytes ?? previous?.bytes ?? 0,
    chunks: chunks ?? previous?.chunks ?? 1,
    cookie: describeCookie(message, previous?.cookie),
  }
}

/** A new session that was sent is in a cookie from now on. */
function carrierOf({ carrier, tokenHash }: ObservedMessage, previous: RecordedSession | undefined): InspectedSession['carrier'] {
  if (carrier === 'cookie' || carrier === 'header') return carrier
  if (previous && previous.carrier !== 'unknown') return previous.carrier
  return carrier === 'none' && tokenHash !== undefined ? 'cookie' : carrier
}
