import { defineEventHandler } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import { defineCachedEventHandler as defineNitros } from 'nitropack/runtime/internal/cache'
import type { CachedEventHandlerOptions, CacheEntry, CacheOptions, ResponseCacheEntry } from 'nitropack/types'
import { restrictToVisitor } from './adapters/h3-v1/response-guard'
import { OWNERS_HEADER, parseOwners } from './core/session/cached-routes/entry-owner'
import { releaseEntry } from './server/release-entry'
import { runOf, watchRuns } from './adapters/nitro-v2/handler-runs'

export { cachedFunction, defineCachedFunction } from 'nitropack/runtime/internal/cache'

/** What Nitro caches by, if a handler has no options. */
const NITROS_OPTIONS: CachedEventHandlerOptions = { name: '_', base: '/cache', swr: true, maxAge: 1 }

type Transform = NonNullable<CacheOptions<ResponseCacheEntry, [H3Event]>['transform']>

/** Nitro's own, which stands in its place in the built server: a session in an entry is served to its visitor only. */
export const defineCachedEventHandler: typeof defineNitros = (handler: EventHandler, options: CachedEventHandlerOptions = NITROS_OPTIONS) => {
  // Nitro hands it on, whatever its types say.
  const { transform } = options as { transform?: Transform }
  const release: Transform = async (entry, event) => {
    // Nitro replaces the value of an entry while a stale one is checked.
    const checked = { ...entry }
    await releaseOwn(checked, event)
    return await transform?.(checked, event) || checked.value
  }
  const cached = defineNitros(watchRuns(handler), { ...options, transform: release } as CachedEventHandlerOptions)
  return defineEventHandler(async (event: H3Event) => {
    const body: unknown = await cached(event)
    hideOwners(event)
    return body
  }) as never
}

export const cachedEventHandler = defineCachedEventHandler

/** Before Nitro answers with an entry, also by a 304. @throws SESSION_CACHED_ROUTE if it contains another visitor's session */
async function releaseOwn({ value }: CacheEntry<ResponseCacheEntry>, event: H3Event): Promise<void> {
  const owners = value?.headers?.[OWNERS_HEADER]
  if (owners === undefined) return
  await releaseEntry(event, String(owners))
  // A 304 has none of the entry's own headers.
  const vary = value?.headers?.vary
  if (vary && parseOwners(String(owners))?.some(({ isPrivate }) => isPrivate)) restrictToVisitor(event.node.res, String(vary).split(/,\s*/))
}

/** Nitro has put all headers of the entry into the response. */
function hideOwners(event: H3Event): void {
  const { res } = event.node
  if (!res.headersSent && res.hasHeader(OWNERS_HEADER)) res.removeHeader(OWNERS_HEADER)
  // The response may become another entry.
  runOf(event)?.cache?.describe()
}
