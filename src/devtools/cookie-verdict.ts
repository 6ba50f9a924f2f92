import { parseSetCookie } from 'cookie-es'
import { meets, needsOf } from '../runtime/core/config/cookie-needs'
import type { CookieNeed } from '../runtime/core/config/cookie-needs'
import { MAX_COOKIE_BYTES } from '../runtime/core/config/cookie'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { InspectedCookie } from './protocol'

type Attributes = InspectedCookie['attributes']
type Rule = [applies: boolean, problem: string]

/** Describes a session's cookie from the newest message and, for what it lacks, from the previous description. */
export function describeCookie(message: ObservedMessage, previous: InspectedCookie | undefined): InspectedCookie | undefined {
  const { passwordIndex = previous?.passwordIndex, isFallback = previous?.isFallback } = message
  if (message.attributes === undefined) return previous && { ...previous, passwordIndex, isFallback }
  const attributes = parseAttributes(message.attributes, message.at)
  return { attributes, passwordIndex, isFallback, origin: message.origin, ...verdictOn(message, attributes) }
}

function parseAttributes(text: string, at: number): Attributes {
  const { path, domain, httpOnly = false, secure = false, sameSite, maxAge, expires, partitioned } = parseSetCookie(`name=; ${text}`)
  const end = maxAge === undefined ? expires?.getTime() : at + maxAge * 1000
  return {
    path, domain, httpOnly, secure,
    sameSite: sameSite as string | undefined,
    // cookie-es returns its empty value.
    partitioned: partitioned !== undefined,
    ...Number.isFinite(end) && { expires: end },
  }
}

/** Whether the cookie will come back, and what keeps a browser from storing or sending it (RFC 6265bis, sections 5.6 and 5.7). */
function verdictOn(message: ObservedMessage, attributes: Attributes): Pick<InspectedCookie, 'comesBack' | 'problems'> {
  const drops = problemsOf(dropRules(message, attributes))
  const limits = problemsOf(limitRules(message, attributes))
  if (drops.length > 0) return { comesBack: 'never', problems: [...drops, ...limits] }
  return { comesBack: limits.length > 0 ? 'sometimes' : 'always', problems: limits }
}

/** Why every browser drops it. */
function dropRules({ name, at, origin, bytes = 0, chunks = 1 }: ObservedMessage, attributes: Attributes): Rule[] {
  const { domain, secure, expires } = attributes
  return [
    [chunks === 1 && bytes > MAX_COOKIE_BYTES, `Browsers drop it: name and value have ${bytes} bytes, the limit is ${MAX_COOKIE_BYTES}. Keep less in the session, or keep it in a store.`],
    ...needsOf(name, attributes).map(({ part, needs }): Rule => [!needs.every(need => meets(need, attributes)), describeNeeds(part, needs)]),
    [secure && isPlain(origin) && !isLocal(origin), `Browsers drop it: it is Secure, but ${origin} is plain HTTP. Use https, or localhost in development.`],
    [domain !== undefined && !isInDomain(hostOf(origin), domain), `Browsers drop it: its Domain ${domain} does not include the host ${hostOf(origin)}. Open the app under that domain, or remove Domain.`],
    [expires !== undefined && expires <= at, 'Browsers delete it at once: its Max-Age or Expires is over.'],
  ]
}

function describeNeeds(part: string, needs: readonly CookieNeed[]): string {
  const [last, ...others] = needs.toReversed()
  const list = others.length > 0 ? `${others.toReversed().join(', ')} and ${last}` : last
  return part.startsWith('__') ? `Browsers drop it: the prefix ${part} needs ${list}.` : `Browsers drop it: ${part} needs ${list}. Serve the app over https.`
}

/** Why some browsers drop it, or some requests lack it. */
function limitRules({ origin }: ObservedMessage, { path, secure, sameSite }: Attributes): Rule[] {
  return [
    [secure && (origin === undefined || (isPlain(origin) && isLocal(origin))), 'Over plain HTTP, only browsers that trust localhost store and send it. Safari does not.'],
    [!sameSite, 'Without SameSite, browsers use their own default: Chromium treats it as Lax, others send it with requests from other sites.'],
    [path !== undefined && path !== '/', `Browsers send it only to paths below ${path}.`],
  ]
}

function problemsOf(rules: readonly Rule[]): string[] {
  return rules.flatMap(([applies, problem]) => applies ? [problem] : [])
}

function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).hostname : undefined
}

function isPlain(origin: string | undefined): boolean {
  return origin?.startsWith('http:') === true
}

/** Whether browsers treat the host as secure without https. */
function isLocal(origin: string | undefined): boolean {
  return /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/.test(hostOf(origin) ?? '')
}

function isInDomain(host: string | undefined, domain: string): boolean {
  const suffix = domain.toLowerCase().replace(/^\./, '')
  return host === undefined || host === suffix || (host.endsWith(`.${suffix}`) && !/^[\d.]+$|^\[/.test(host))
}
