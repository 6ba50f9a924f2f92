import type { H3Event } from 'h3'

/** An event of h3 2, or a request without a response, such as a WebSocket peer or its upgrade request; as in h3. */
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
 * Whether the headers went out. A response that is no server's own, such as Bun's, Deno's and workers', is handed
 * over whole when the handler has ended, and then destroyed.
 */
export function areHeadersSent({ node: { res } }: H3Event): boolean {
  return res.headersSent || (res.destroyed && !isNodeResponse(res))
}

/** Whether Node's server sends it; elsewhere Nitro makes one that it reads afterwards. */
export function isNodeResponse(response: H3Event['node']['res']): boolean {
  return '_implicitHeader' in response
}
