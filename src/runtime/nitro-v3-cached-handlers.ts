import { defineCachedHandler as defineNitros } from 'nitro/cache'
import { defineHandler } from 'nitro/h3'
import { digest } from 'ohash/crypto'
import { CACHE_RULE } from './adapters/h3-v2/event'
import type { CacheRule, NextEvent } from './adapters/h3-v2/event'
import { checkEntry } from './adapters/h3-v2/responses'
import { attempt } from './core/utils/maybe-promise'
import { settleHandlerGuards } from './adapters/shared/guards'
import { releaseEntry } from './server/release-entry'

export { defineCachedFunction } from 'nitro/cache'

type Handler = Parameters<typeof defineNitros>[0]

/**
 * Replaces Nitro's own in the built server. Its key can be computed while the handler runs. An entry with a session is
 * served only to its owner, even if a route returns a modified response.
 */
export function defineCachedHandler(handler: Handler, options: CacheRule = {}): ReturnType<typeof defineHandler> {
  const withRule: Handler = async (event) => {
    event.req[CACHE_RULE] = options
    const body: unknown = await handler(event)
    await settleHandlerGuards(event)
    return body
  }
  // Nitro would use the name and the source of `withRule`. Entries of another version of a handler are not served.
  const version = digest([handler, ...Object.entries(options).flat()].map(String).join('\n'))
  const name = handler.name || `anon_${version.slice(0, 16)}`
  const cached = defineNitros(withRule, { name, integrity: version, ...options })
  return defineHandler(async (event: NextEvent) => checkEntry(releaseEntry, await attempt(cached, event).catch((error: unknown) => {
    // ocache sets it only with an entry. A cache in front of the server may store the error too.
    if (options.varies) event.res.errHeaders.append('vary', options.varies.join(', '))
    throw error
  }), event))
}
