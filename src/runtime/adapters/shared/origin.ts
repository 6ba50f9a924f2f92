import type { Transport } from '../../core/session/transport'
import { normalizeOrigin } from '../../core/config/origins'
import { firstForwarded } from './event'
import { isSafeMethod } from './method'

type Request = Pick<Transport, 'requestHeader'>

const NONE: ReadonlySet<string> = new Set()
const PLAIN_HOST = /^[\w.:[\]-]+$/

/**
 * Whether a request comes from a page of this origin or of a trusted one: by `Sec-Fetch-Site`, else by `Origin`, like
 * `CrossOriginProtection` of Go's `net/http`. Without both it is `unknown`, and not from a current browser.
 */
export function originOf(request: Request, trusted = NONE): 'own' | 'foreign' | 'unknown' {
  const site = request.requestHeader('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return 'own'
  const origin = request.requestHeader('origin')
  if (!site && !origin) return 'unknown'
  if (!origin) return 'foreign'
  const isOwn = (!site && isThisHost(origin, request)) || (trusted.size > 0 && (trusted.has(origin) || trusted.has(normalizeOrigin(origin) ?? '')))
  return isOwn ? 'own' : 'foreign'
}

/** As {@link originOf}, and a request of unknown origin must have a safe method (OWASP ASVS 5.0, 3.5.1). */
export function isSameOrigin(request: Request, method: string, trusted?: ReadonlySet<string>): boolean {
  const origin = originOf(request, trusted)
  return origin === 'own' || (origin === 'unknown' && isSafeMethod(method))
}

/** Whether an origin has the host of the request. */
export function isThisHost(origin: string, request: Request): boolean {
  // Proxies that rewrite Host set X-Forwarded-Host. A page of another origin cannot set it.
  const hosts = [request.requestHeader('host'), firstForwarded(request, 'x-forwarded-host')]
  // The usual case, without parsing.
  if (hosts.some(own => own !== undefined && PLAIN_HOST.test(own) && (origin === `https://${own}` || origin === `http://${own}`))) return true
  const { protocol, host } = URL.canParse(origin) ? new URL(origin) : { protocol: '', host: '' }
  if (protocol !== 'https:' && protocol !== 'http:') return false
  return hosts.some(header => hostOf(header, protocol) === host)
}

/** The host as in an origin: lower case, without the scheme's default port (RFC 6454, 4). */
function hostOf(header: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${header}`
  const isHost = header !== undefined && /^[^\s/?#@\\]+$/.test(header) && URL.canParse(url)
  return isHost ? new URL(url).host : undefined
}
