import type { H3Event } from 'h3'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { sessionKey, SHARED_CACHE } from '../../core/session/cached-routes/response-cache'
import type { EntryOwner, ResponseCache } from '../../core/session/cached-routes/response-cache'
import { forbidEntry, varyEntry } from '../h3-v1/response-guard'
import type { H3Transport } from '../h3-v1/transport'
import { hasUntrackedRun, runsAround } from './handler-runs'
import type { HandlerRun, HandlerOptions } from './handler-runs'
import { createEvent } from 'h3'
import { ByName } from '../../core/session/state'
import { STATES } from '../h3-v1/transport'

/** The cache of a cached handler of Nitro 2, while the handler runs and fills an entry. */
export class HandlerCache implements ResponseCache {
  readonly checked = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()
  private varied: readonly string[] = []
  private isForbidden = false

  constructor(private readonly run: HandlerRun, readonly incoming: H3Transport) {}

  async isSameEntry(header: string, value: string): Promise<boolean> {
    // Nitro removes all other headers from the handler's request.
    if (!this.variesBy(header)) return true
    const { run: { options, around }, incoming } = this
    try {
      const event = around[0]?.event ?? incoming.event as H3Event
      const [key, other] = await Promise.all([keyFor(event, options), keyFor(event, options, header, value)])
      return key === other
    }
    catch {
      // A key that cannot be computed does not separate visitors.
      return true
    }
  }

  vary(names: readonly string[]): void {
    const varied = names.filter(name => this.variesBy(name.toLowerCase()) && !this.varied.includes(name))
    if (varied.length === 0) return
    this.varied = [...this.varied, ...varied]
    this.describe()
  }

  addOwner(owner: EntryOwner): void {
    this.owners.set(sessionKey(owner.header, owner.name), owner)
    this.describe()
  }

  forbid(): void {
    this.isForbidden = true
    this.describe()
  }

  /** Writes the headers of the response that becomes the entry. */
  describe(): void {
    const { owners, varied, isForbidden, run: { event: { node: { res } } } } = this
    varyEntry(res, varied)
    if (owners.size > 0) res.setHeader(OWNERS_HEADER, formatOwners(owners.values()))
    if (isForbidden) forbidEntry(res)
  }

  private variesBy(header: string): boolean {
    return Boolean(this.run.options.varies?.some(name => String(name).toLowerCase() === header))
  }
}

/** The caches of the cached handlers around an event. An untracked one counts as shared by all visitors. */
export function handlerCachesOf({ event }: H3Transport, incoming: H3Transport): readonly ResponseCache[] {
  if (hasUntrackedRun(event)) return [SHARED_CACHE]
  return runsAround(event).map(run => run.cache ??= new HandlerCache(run, incoming))
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
