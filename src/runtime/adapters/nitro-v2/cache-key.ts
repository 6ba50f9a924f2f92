import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { ByName } from '../../core/session/state'
import { STATES } from '../h3-v1/transport'

/** The options of a cached handler. Nitro's `getKey` wraps the app's `getKey` or `varies`. */
export interface HandlerOptions {
  readonly getKey: (event: H3Event) => Promise<string>
  readonly varies?: readonly unknown[]
}

type Response = H3Event['node']['res']

/**
 * The cache key of a request, or of the same request with another value in one header. `getKey` gets a copy of the
 * event, so that it cannot change the request or its response.
 */
export function keyFor(event: H3Event, { getKey }: HandlerOptions, header?: string, value?: string): Promise<string> {
  const { req, res } = event.node
  const headers = { ...req.headers, ...header !== undefined && { [header]: value } }
  const copy = createEvent(Object.create(req, { headers: { value: headers } }), silentResponse(res))
  copy._path = event._path
  copy.context = copyContext(event.context)
  return getKey(copy)
}

/** The copy has the loaded sessions, and is in no cached handler. */
function copyContext(context: H3Event['context']): H3Event['context'] {
  const copy: Record<string | symbol, unknown> = { ...context, cache: undefined }
  for (const name of ['sessions', STATES]) {
    if (copy[name]) copy[name] = Object.assign(new ByName(), copy[name])
  }
  return copy
}

/** A response that ignores all writes, as if its headers were sent. */
function silentResponse(response: Response): Response {
  const ignore = () => silent
  const silent = Object.create(response, {
    headersSent: { value: true },
    ...Object.fromEntries(['setHeader', 'appendHeader', 'removeHeader', 'writeHead', 'write', 'end'].map(name => [name, { value: ignore }])),
  }) as Response
  return silent
}
