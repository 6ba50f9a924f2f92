import type { H3Event } from 'h3'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import type { EntryOwner, ResponseCache } from '../../core/session/cached-routes/response-cache'
import { forbidEntry, varyEntry } from '../h3-v1/cache-headers'
import type { H3Carrier } from '../h3-v1/transport'
import { hasResponse } from '../shared/event'
import { keyFor } from './cache-key'
import type { HandlerOptions } from './cache-key'
import type { UnseenEntries, UnseenEntry } from './unseen-entries'

const CACHE = Symbol.for('nuxt-h3-session.handler-cache')

/** What Nitro puts into the context of a request while a cached handler runs, each time anew. */
interface HandlerRun {
  options: HandlerOptions
  [CACHE]?: HandlerCache
}

type Response = H3Event['node']['res']

/** The cache of a cached handler of Nitro 2, while the handler runs and fills an entry. */
export class HandlerCache implements ResponseCache, UnseenEntry {
  readonly known = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()
  key: string | undefined
  varied: readonly string[] = []
  isForbidden = false
  /** The response that the handler fills; unset if the handler has only asked another route of the app so far. */
  private response: Response | undefined

  constructor(private readonly options: HandlerOptions, readonly came: H3Carrier, private readonly unseen: UnseenEntries) {}

  get integrity() {
    return this.options.integrity
  }

  async isSharedWith(header: string, value: string): Promise<boolean> {
    // Nitro removes all other headers from the handler's request.
    if (!this.variesBy(header)) return true
    try {
      const event = this.came.event as H3Event
      const [key, other] = await Promise.all([keyFor(event, this.options), keyFor(event, this.options, header, value)])
      this.key = key
      return key === other
    }
    catch {
      // A key that cannot be asked does not keep visitors apart.
      return true
    }
  }

  vary(names: readonly string[]): void {
    const varied = names.filter(name => this.variesBy(name.toLowerCase()) && !this.varied.includes(name))
    if (varied.length === 0) return
    this.varied = [...this.varied, ...varied]
    this.tell()
  }

  keepFor(): void {
    this.tell()
  }

  forbid(): void {
    this.isForbidden = true
    this.tell()
  }

  /** The response that becomes the entry, once the handler itself uses the session. */
  fill(response: Response): void {
    if (this.response) return
    this.response = response
    this.tell()
  }

  private tell(): void {
    const { response, owners, varied, isForbidden } = this
    if (!response) return this.unseen.expect(this)
    varyEntry(response, varied)
    if (owners.size > 0) response.setHeader(OWNERS_HEADER, formatOwners(owners.values()))
    if (isForbidden) forbidEntry(response)
  }

  private variesBy(header: string): boolean {
    return Boolean(this.options.varies?.some(name => String(name).toLowerCase() === header))
  }
}

/** The cache of the cached handler that runs for an event, if one does. */
export function handlerCacheOf({ event }: H3Carrier, came: H3Carrier, unseen: UnseenEntries): HandlerCache | undefined {
  // An app may have a `cache` of its own in the context.
  const run = event.context?.cache as Partial<HandlerRun> | undefined
  if (!run?.options || typeof run.options !== 'object') return undefined
  const cache = run[CACHE] ??= new HandlerCache(run.options, came, unseen)
  if (event !== came.event && hasResponse(event)) cache.fill(event.node.res)
  return cache
}
