import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { FilledEntry } from '../../core/session/cached-routes/filled-entry'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { ByName } from '../../core/session/state'
import { appendVary, restrictCaching } from '../h3-v1/response-guard'
import { STATES } from '../h3-v1/transport'
import type { H3Transport } from '../h3-v1/transport'
import type { HandlerOptions, HandlerRun } from './request-runs'

/** The cache of a cached handler of Nitro 2, while the handler runs and fills an entry. */
export class HandlerCache extends FilledEntry implements ResponseCache {
  private varied: readonly string[] = []

  constructor(private readonly run: HandlerRun, readonly incoming: H3Transport) {
    super()
  }

  async isSameEntry(header: string, value: string): Promise<boolean> {
    // Nitro removes all other headers from the handler's request.
    if (!this.variesBy(header)) return true
    const { run: { options, around }, incoming } = this
    const event = around[0]?.event ?? incoming.event as H3Event
    const keys = Promise.all([keyFor(event, options), keyFor(event, options, { [header]: value })])
    // A key that cannot be computed does not separate visitors.
    return keys.then(([key, other]) => key === other, () => true)
  }

  vary(names: readonly string[]): void {
    const varied = names.filter(name => this.variesBy(name.toLowerCase()) && !this.varied.includes(name))
    if (varied.length === 0) return
    this.varied = [...this.varied, ...varied]
    this.describe()
  }

  override describe(): void {
    const { owners, varied, isForbidden, run: { event: { node: { res } } } } = this
    // Caches in front of the server separate visitors too.
    if (varied.length > 0) appendVary(res, varied)
    if (owners.size > 0) res.setHeader(OWNERS_HEADER, formatOwners(owners.values()))
    if (isForbidden) restrictCaching(res, 'no-store')
  }

  private variesBy(header: string): boolean {
    return Boolean(this.run.options.varies?.some(name => String(name).toLowerCase() === header))
  }
}

/**
 * The cache key of a request, or of the same request with another header. `getKey` gets a copy of the event, so that it
 * cannot change the request or its response.
 */
async function keyFor(event: H3Event, { getKey }: HandlerOptions, header?: Record<string, string>): Promise<string> {
  const { req, res } = event.node
  const copy = createEvent(Object.create(req, { headers: { value: { ...req.headers, ...header } } }), silentResponse(res))
  copy._path = event._path
  // The copy has the loaded sessions, and is in no cached handler.
  const context: Record<string | symbol, unknown> = { ...event.context, cache: undefined }
  for (const name of ['sessions', STATES]) {
    if (context[name]) context[name] = Object.assign(new ByName(), context[name])
  }
  copy.context = context
  return getKey(copy)
}

/** A response that ignores all writes, as if its headers were sent. */
function silentResponse(response: H3Event['node']['res']): typeof response {
  const writes = ['setHeader', 'appendHeader', 'removeHeader', 'writeHead', 'write', 'end']
  const silent: typeof response = Object.create(response, {
    headersSent: { value: true },
    ...Object.fromEntries(writes.map(name => [name, { value: () => silent }])),
  })
  return silent
}
