import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { InspectedCookie } from './protocol'

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
  const parts = new Map(text.split(';').map((part) => {
    const [key = '', value = ''] = part.split('=').map(item => item.trim())
    return [key.toLowerCase(), value]
  }))
  const expires = Date.parse(parts.get('expires') ?? '')
  return {
    path: parts.get('path'),
    domain: parts.get('domain'),
    httpOnly: parts.has('httponly'),
    secure: parts.has('secure'),
    sameSite: parts.get('samesite'),
    partitioned: parts.has('partitioned'),
    ...!Number.isNaN(expires) && { expires },
  }
}

/** Reasons why a browser would drop the cookie or not send it (RFC 6265bis, sections 5.6 and 5.7). */
function problemsOf({ name, bytes, chunks }: ObservedMessage, cookie: InspectedCookie['attributes']): string[] {
  const problems: string[] = []
  if (bytes !== undefined && (chunks ?? 1) === 1 && bytes > MAX_COOKIE_BYTES)
    problems.push(`Browsers drop it: name and value have ${bytes} bytes, the limit is ${MAX_COOKIE_BYTES}.`)
  if (/^none$/i.test(cookie.sameSite ?? '') && !cookie.secure)
    problems.push('Browsers drop it: SameSite=None needs Secure.')
  if (cookie.partitioned && !cookie.secure)
    problems.push('Browsers drop it: Partitioned needs Secure.')
  if (/^__host-/i.test(name) && (!cookie.secure || cookie.path !== '/' || cookie.domain))
    problems.push('Browsers drop it: the prefix __Host- needs Secure, Path=/ and no Domain.')
  if (/^__secure-/i.test(name) && !cookie.secure)
    problems.push('Browsers drop it: the prefix __Secure- needs Secure.')
  if (cookie.secure)
    problems.push('Over plain HTTP, only browsers that trust localhost store and send it. Safari does not.')
  if (!cookie.sameSite)
    problems.push('Without SameSite, browsers use their own default: Chromium treats it as Lax, others send it with requests from other sites.')
  if (cookie.path !== undefined && cookie.path !== '/')
    problems.push(`Browsers send it only to paths below ${cookie.path}.`)
  return problems
}
