import type { Carrier } from '../core/carrier'
import { firstForwarded } from './request-headers'

/**
 * Whether the request comes from a page of this origin: by `Sec-Fetch-Site`, else by `Origin`, else only if its
 * method changes nothing (OWASP ASVS 5.0, 3.5.1).
 */
export function isSameOrigin(carrier: Pick<Carrier, 'requestHeader'>, method: string): boolean {
  const site = carrier.requestHeader('sec-fetch-site')
  if (site) return site === 'same-origin' || site === 'none'
  const origin = carrier.requestHeader('origin')
  if (!origin) return method === 'GET' || method === 'HEAD'
  const host = URL.canParse(origin) ? new URL(origin).host : undefined
  // A page of another origin cannot set X-Forwarded-Host; a proxy that rewrites Host does.
  return Boolean(host) && [carrier.requestHeader('host'), firstForwarded(carrier.requestHeader('x-forwarded-host'))].includes(host)
}
