import { defineEventHandler } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import type { CachedEventHandlerOptions, CacheOptions, ResponseCacheEntry } from 'nitropack/types'
import { OWNERS_HEADER } from './core/session/cached-routes/entry-owner'
import { appendVary } from './adapters/h3-v1/response-guard'
import { releaseEntry } from './server/release-entry'
import { attempt } from './core/utils/maybe-promise'
import { runOf, trackRuns } from './adapters/nitro-v2/handler-runs'

type Transform = NonNullable<CacheOptions<ResponseCacheEntry, [H3Event]>['transform']>
type Define = (handler: EventHandler, options: CachedEventHandlerOptions) => EventHandler

/** Creates a cached handler by Nitro's function. An entry with a session is served only to its owner. */
export function defineOwnedHandler(defineNitros: Define, handler: EventHandler, options: CachedEventHandlerOptions): EventHandler {
  // Missing in the types, but Nitro supports it. Called before Nitro responds with the entry or with 304.
  const { transform } = options as { transform?: Transform }
  const release: Transform = async (entry, event) => {
    // Nitro replaces the value of an entry while a stale one is checked.
    const checked = { ...entry }
    const { [OWNERS_HEADER]: owners, vary } = checked.value?.headers ?? {}
    // A 304 has none of the entry's own headers.
    if (owners !== undefined) await releaseEntry(event, String(owners), String(vary ?? '').split(/,\s*/).filter(Boolean))
    return await transform?.(checked, event) || checked.value
  }
  const cached = defineNitros(trackRuns(handler), { ...options, transform: release } as CachedEventHandlerOptions)
  return defineEventHandler(async (event: H3Event) => {
    const { res } = event.node
    const body: unknown = await attempt(cached, event).catch((error: unknown) => {
      // Nitro sets it only with an entry. A cache in front of the server may store the error too.
      if (options.varies && !res.headersSent) appendVary(res, options.varies)
      throw error
    })
    // Nitro has copied it from the entry.
    if (!res.headersSent && res.hasHeader(OWNERS_HEADER)) res.removeHeader(OWNERS_HEADER)
    // The response may become an outer entry, which needs the header.
    runOf(event)?.cache?.describe()
    return body
  })
}
