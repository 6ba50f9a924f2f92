import type { Transport } from '../../core/session/transport'
import { firstForwarded } from './event'

/**
 * Whether the request comes from a page of this origin, by `Sec-Fetch-Site`, else by `Origin`. Without both, only if its
 * method is safe (OWASP ASVS 5.0, 3.5.1).
 */
export function isSameOrigin(transport: Pick<Transport, 'requestHeader'>, method: string): boolean {
  const site = transport.requestHeader('sec-fetch-site')
  if (site) return site === 'same-origin' || site === 'none'
  const origin = transport.requestHeader('origin')
  if (!origin) return method === 'GET' || method === 'HEAD'
  const { protocol, host } = URL.canParse(origin) ? new URL(origin) : { protocol: '', host: '' }
  if (protocol !== 'https:' && protocol !== 'http:') return false
  // Proxies that rewrite Host set X-Forwarded-Host. A page of another origin cannot set it.
  const hosts = [transport.requestHeader('host'), firstForwarded(transport.requestHeader('x-forwarded-host'))]
  return hosts.some(own => hostOf(own, protocol) === host)
}

/** The host as in an origin: lower case, without the scheme's default port (RFC 6454, 4). */
function hostOf(header: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${header}`
  const isHost = header !== undefined && /^[^\s/?#@\\]+$/.test(header) && URL.canParse(url)
  return isHost ? new URL(url).host : undefined
}
