import { parse } from 'cookie-es'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { sessionKey } from '../../core/session/cached-routes/response-cache'
import type { CachedRequest, EntryOwner, ResponseCache } from '../../core/session/cached-routes/response-cache'
import { checkableKeys, isSameKey } from './cache-key'
import type { CacheRule, NextEvent } from './event'
import type { Exchange } from './exchange'

/** Where h3 2 keeps what is staged for the response of an event. */
const STAGED = Symbol.for('h3.internal.event.res')

/**
 * The cache of a cached handler of ocache while it fills an entry: Nitro 3's, or one of h3. It is known by the request
 * headers that it removes. One whose key cannot be asked counts as shared.
 */
export class HandlerCache implements ResponseCache {
  readonly known = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()
  readonly incoming: CachedRequest
  private isForbidden = false

  constructor(private readonly event: NextEvent, private readonly exchange: Exchange, private readonly rule: CacheRule | undefined) {
    this.incoming = incomingRequest(exchange)
    whenTaken(exchange.event, () => this.stage())
  }

  async isSharedWith(header: string, value: string): Promise<boolean> {
    const { event, exchange, rule } = this
    if (exchange.request.headers.has(header) && !event.req.headers.has(header)) return true
    const keys = checkableKeys(event.context, rule)
    try {
      for (const keyOf of keys) if (await isSameKey(keyOf, exchange, header, value)) return true
    }
    catch {
      // A key that cannot be asked does not keep visitors apart.
      return true
    }
    return keys.length === 0
  }

  vary(): void {
    // ocache sends `Vary` itself.
  }

  keepFor(owner: EntryOwner): void {
    this.owners.set(sessionKey(owner.header, owner.name), owner)
    this.stage()
  }

  forbid(): void {
    this.isForbidden = true
    this.stage()
  }

  private stage(): void {
    const { headers } = this.exchange.event.res
    if (this.owners.size > 0) headers.set(OWNERS_HEADER, formatOwners(this.owners.values()))
    if (this.isForbidden) headers.set('cache-control', 'no-store')
  }
}

/**
 * h3 uses up the staged headers when it makes a response for an event. With `swr`, two are made for one event: the
 * stale one that is sent, and the new entry. The headers are staged again so that the entry has them in any case.
 */
function whenTaken(event: NextEvent, stage: () => void): void {
  const holder = event as { [STAGED]?: unknown }
  let staged = holder[STAGED]
  Object.defineProperty(event, STAGED, {
    configurable: true,
    get: () => staged,
    set(value: unknown) {
      staged = value
      if (value === undefined) stage()
    },
  })
}

/** The request of an exchange as it came. */
function incomingRequest({ request: { headers }, answer }: Exchange): CachedRequest {
  return {
    requestHeader: name => headers.get(name) ?? undefined,
    requestCookies: () => parse(headers.get('cookie') ?? '') as Record<string, string>,
    setCookies: () => answer.cookies,
  }
}
