import type { H3Event } from 'h3'
import type { Transport } from '../../core/session/transport'

/** An event of h3 2, or a request without a response, such as a WebSocket peer or its upgrade request. Same as in h3. */
export type CompatEvent =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  | { req: { headers: Headers }, context: any }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  | { request: { headers: Headers }, context: any }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  | { headers: Headers, context?: any }

export type SessionEvent = H3Event | CompatEvent

/** Whether the event has a response that can carry a cookie. */
export function hasResponse(event: SessionEvent): event is H3Event {
  return 'node' in event && event.node?.res !== undefined
}

/**
 * Whether the headers were sent. On Bun, Deno and workers, the response is read after the handler has ended, and then
 * destroyed.
 */
export function areHeadersSent({ node: { res } }: H3Event): boolean {
  return res.headersSent || (res.destroyed && !isNodeResponse(res))
}

/** Whether this is a response of Node's server. Elsewhere Nitro creates a stand-in. */
export function isNodeResponse(response: H3Event['node']['res']): boolean {
  return '_implicitHeader' in response
}

/** The request headers of an event without a response, such as a socket. */
export function headersOfSocket(event: SessionEvent): Headers | undefined {
  if ('request' in event && event.request) return event.request.headers
  return 'headers' in event ? event.headers : undefined
}

/** Whether this is a prefetch request, by its headers. */
export function isPrefetchRequest(header: (name: string) => string | undefined): boolean {
  return /\bprefetch\b/.test(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => header(name) ?? '').join(' '))
}

/** The first value of a forwarded header. */
export function firstForwarded(value: string | undefined): string | undefined {
  return value?.split(',', 1)[0]?.trim() || undefined
}

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
