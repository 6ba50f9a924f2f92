import { parse } from 'cookie-es'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { sessionKey } from '../../core/session/cached-routes/response-cache'
import type { CachedRequest, EntryOwner, ResponseCache } from '../../core/session/cached-routes/response-cache'
import { checkableKeys, isSameKey } from './cache-key'
import type { CacheRule, NextEvent, Exchange } from './event'

/** Key of an event's staged response in h3 2. */
const STAGED = Symbol.for('h3.internal.event.res')

/**
 * The cache of a cached handler of ocache, with Nitro 3 or h3 alone, while it fills an entry. If its key cannot be
 * computed, it counts as shared by all visitors.
 */
export class HandlerCache implements ResponseCache {
  readonly checked = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()
  readonly incoming: CachedRequest
  private isForbidden = false

  constructor(private readonly event: NextEvent, private readonly exchange: Exchange, private readonly rule: CacheRule | undefined) {
    this.incoming = incomingRequest(exchange)
    onStagedTaken(exchange.event, () => this.stage())
  }

  async isSameEntry(header: string, value: string): Promise<boolean> {
    const { event, exchange, rule } = this
    if (exchange.request.headers.has(header) && !event.req.headers.has(header)) return true
    const keys = checkableKeys(event.context, rule)
    try {
      for (const keyOf of keys) if (await isSameKey(keyOf, exchange, header, value)) return true
    }
    catch {
      // A key that cannot be computed does not separate visitors.
      return true
    }
    return keys.length === 0
  }

  vary(): void {
    // ocache sends `Vary` itself.
  }

  addOwner(owner: EntryOwner): void {
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
 * Calls `stage` after h3 has taken an event's staged headers for a response. With `swr`, an event has two responses: the
 * stale one that is sent, and the new entry, which needs the headers too.
 */
function onStagedTaken(event: NextEvent, stage: () => void): void {
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

/** The original request of an exchange. */
function incomingRequest({ request: { headers }, answer }: Exchange): CachedRequest {
  return {
    requestHeader: name => headers.get(name) ?? undefined,
    requestCookies: () => parse(headers.get('cookie') ?? '') as Record<string, string>,
    setCookies: () => answer.cookies,
  }
}
