import type { H3Event } from 'h3'
import type { Transport } from '../../core/session/transport'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in h3
type Context = any

/** An event of h3 2, or a request without a response, such as a WebSocket peer or its upgrade request. Same as in h3. */
export type CompatEvent =
  | { req: { headers: Headers }, context: Context }
  | { request: { headers: Headers }, context: Context }
  | { headers: Headers, context?: Context }

export type SessionEvent = H3Event | CompatEvent

type Request = Pick<Transport, 'requestHeader'>

export function hasResponse(event: SessionEvent): event is H3Event {
  return 'node' in event && event.node?.res !== undefined
}

/** Whether this is a response of Node's server. On other platforms, Nitro emulates it. */
export function isNodeResponse(response: H3Event['node']['res']): boolean {
  return '_implicitHeader' in response
}

export function socketHeader(event: SessionEvent, name: string): string | undefined {
  const { headers } = 'request' in event && event.request ? event.request : event as { headers?: Headers }
  return headers?.get(name) ?? undefined
}

/** The first value of a header that proxies set, such as `X-Forwarded-For`. */
export function firstForwarded(request: Request, name: string): string | undefined {
  return request.requestHeader(name)?.split(',', 1)[0]?.trim() || undefined
}

/**
 * Whether the request comes from a page of this origin, by `Sec-Fetch-Site`, else by `Origin`. Without both, only if its
 * method is safe (OWASP ASVS 5.0, 3.5.1).
 */
export function isSameOrigin(request: Request, method: string): boolean {
  const site = request.requestHeader('sec-fetch-site')
  if (site) return site === 'same-origin' || site === 'none'
  const origin = request.requestHeader('origin')
  if (!origin) return method === 'GET' || method === 'HEAD'
  const { protocol, host } = URL.canParse(origin) ? new URL(origin) : { protocol: '', host: '' }
  if (protocol !== 'https:' && protocol !== 'http:') return false
  // Proxies that rewrite Host set X-Forwarded-Host. A page of another origin cannot set it.
  const hosts = [request.requestHeader('host'), firstForwarded(request, 'x-forwarded-host')]
  return hosts.some(own => hostOf(own, protocol) === host)
}

/** The host as in an origin: lower case, without the scheme's default port (RFC 6454, 4). */
function hostOf(header: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${header}`
  const isHost = header !== undefined && /^[^\s/?#@\\]+$/.test(header) && URL.canParse(url)
  return isHost ? new URL(url).host : undefined
}
