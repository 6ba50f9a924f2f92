import { parseSetCookie } from 'cookie-es'
import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { InspectedCookie, InspectedSession } from './protocol'

/** A session as the development server records it. Its data is kept apart. */
export type RecordedSession = Omit<InspectedSession, 'data' | 'flash'>

/** Creates the new state of a session from a message and, for what it lacks, from the previous state. */
export function fromMessage(key: string, handle: string, message: ObservedMessage, previous: RecordedSession | undefined): RecordedSession {
  const { name, at, kind, method, carrier, storage, recordBytes, expiresAt, keeper, bytes, chunks } = message
  const { id, userId, createdAt, lastSeenAt, authenticatedAt, maxAge, idleTimeout, data, isCut, isLong, userAgent, ip } = message.session!
  return {
    key, handle, name, keeper, storage, recordBytes, expiresAt,
    userId, createdAt, authenticatedAt, maxAge, idleTimeout, userAgent, ip, isCut,
    id: id ?? previous?.id,
    user: isCut || isLong ? previous?.user ?? userId : userLabel(data, userId),
    // The panel's own look at a session, and its changes to another browser's, do not count as use.
    lastUsedAt: carrier === 'unknown' || (kind === 'renew' && method === 'DevTools') ? Math.max(lastSeenAt ?? createdAt, previous?.lastUsedAt ?? 0) : at,
    carrier: carrierOf(message, previous),
    bytes: bytes ?? previous?.bytes ?? 0,
    chunks: chunks ?? previous?.chunks ?? 1,
    cookie: describeCookie(message, previous?.cookie),
    previous: previous?.previous,
  }
}

/** The best name for a session's user: `public.name` of the data, else from `data.user`, else the user id. */
export function userLabel({ public: shown, user }: { public?: unknown, user?: unknown }, userId: string | undefined): string | undefined {
  const { name, login, email, id } = fieldsOf(user)
  const label = [fieldsOf(shown).name, name, login, email, id].find(value => (typeof value === 'string' && value !== '') || typeof value === 'number')
  if (label === undefined) return userId
  return userId && userId !== String(label) ? `${label} (${userId})` : String(label)
}

/** A value that is not an object is an id. */
function fieldsOf(value: unknown): Record<string, unknown> {
  return (typeof value === 'object' && value !== null ? value : { id: value }) as Record<string, unknown>
}

/** A new session that was sent is in a cookie from now on. */
function carrierOf({ carrier, tokenHash }: ObservedMessage, previous: RecordedSession | undefined): InspectedSession['carrier'] {
  if (carrier === 'cookie' || carrier === 'header') return carrier
  if (previous && previous.carrier !== 'unknown') return previous.carrier
  return carrier === 'none' && tokenHash !== undefined ? 'cookie' : carrier
}

/** Describes a session's cookie from the newest message and, for what it lacks, from the previous description. */
export function describeCookie(message: ObservedMessage, previous: InspectedCookie | undefined): InspectedCookie | undefined {
  if (message.attributes === undefined && !previous) return undefined
  const attributes = message.attributes === undefined ? previous!.attributes : parseAttributes(message.attributes)
  return {
    attributes,
    passwordIndex: message.passwordIndex ?? previous?.passwordIndex,
    isFallback: message.isFallback ?? previous?.isFallback,
    problems: problemsOf(message, attributes),
  }
}

function parseAttributes(text: string): InspectedCookie['attributes'] {
  const { path, domain, httpOnly = false, secure = false, sameSite, expires, partitioned } = parseSetCookie(`name=; ${text}`)
  const end = expires?.getTime()
  return {
    path, domain, httpOnly, secure,
    sameSite: sameSite as string | undefined,
    // cookie-es returns its empty value.
    partitioned: partitioned !== undefined,
    ...Number.isFinite(end) && { expires: end },
  }
}

/** Reasons why a browser would drop the cookie or not send it (RFC 6265bis, sections 5.6 and 5.7). */
function problemsOf({ name, bytes = 0, chunks = 1 }: ObservedMessage, { path, domain, secure, sameSite, partitioned }: InspectedCookie['attributes']): string[] {
  const problems: [applies: boolean, problem: string][] = [
    [chunks === 1 && bytes > MAX_COOKIE_BYTES, `Browsers drop it: name and value have ${bytes} bytes, the limit is ${MAX_COOKIE_BYTES}.`],
    [/^none$/i.test(sameSite ?? '') && !secure, 'Browsers drop it: SameSite=None needs Secure.'],
    [partitioned && !secure, 'Browsers drop it: Partitioned needs Secure.'],
    [/^__host-/i.test(name) && !(secure && path === '/' && !domain), 'Browsers drop it: the prefix __Host- needs Secure, Path=/ and no Domain.'],
    [/^__secure-/i.test(name) && !secure, 'Browsers drop it: the prefix __Secure- needs Secure.'],
    [secure, 'Over plain HTTP, only browsers that trust localhost store and send it. Safari does not.'],
    [!sameSite, 'Without SameSite, browsers use their own default: Chromium treats it as Lax, others send it with requests from other sites.'],
    [path !== undefined && path !== '/', `Browsers send it only to paths below ${path}.`],
  ]
  return problems.flatMap(([applies, problem]) => applies ? [problem] : [])
}
