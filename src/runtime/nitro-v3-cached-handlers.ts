import { defineCachedHandler as defineNitros } from 'nitro/cache'
import { defineHandler } from 'nitro/h3'
import { digest } from 'ohash/crypto'
import { setCacheRule } from './adapters/h3-v2/handler-cache'
import { checkEntry } from './adapters/h3-v2/responses'
import type { CacheRule, NextEvent } from './adapters/h3-v2/event'
import { releaseEntry } from './server/release-entry'

export { defineCachedFunction } from 'nitro/cache'

type Handler = Parameters<typeof defineNitros>[0]

/**
 * Replaces Nitro's own in the built server. Its key can be computed while the handler runs. An entry with a session is
 * served only to its owner, even if a route returns a modified response.
 */
export function defineCachedHandler(handler: Handler, options: CacheRule = {}): ReturnType<typeof defineHandler> {
  const withRule: Handler = (event) => {
    setCacheRule(event, options)
    return handler(event)
  }
  const version = versionOf(handler, options)
  const name = handler.name || `anon_${version.slice(0, 16)}`
  const cached = defineNitros(withRule, { name, integrity: version, ...options })
  return defineHandler(async (event: NextEvent) => checkEntry(releaseEntry, await cached(event), event))
}

/** Entries of another version of a handler are not served. Nitro would use the name and the source of `withRule`. */
function versionOf(handler: Handler, options: object): string {
  return digest([handler, ...Object.entries(options).flat()].map(String).join('\n'))
}
