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

/** The path of the request that opened the socket, if it is known. */
export function socketPath(event: SessionEvent): string {
  const { url } = ('request' in event && event.request ? event.request : event) as { url?: string }
  return url === undefined || !URL.canParse(url) ? '' : new URL(url).pathname
}

export function socketHeader(event: SessionEvent, name: string): string | undefined {
  const { headers } = 'request' in event && event.request ? event.request : event as { headers?: Headers }
  return headers?.get(name) ?? undefined
}

/** The first value of a header that proxies set, such as `X-Forwarded-For`. */
export function firstForwarded(request: Request, name: string): string | undefined {
  return request.requestHeader(name)?.split(',', 1)[0]?.trim() || undefined
}

/** Whether this is a WebSocket peer or the request of its upgrade. */
export function isSocket(event: SessionEvent): boolean {
  return !('node' in event || 'res' in event)
}
