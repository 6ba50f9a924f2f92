import { defineCachedHandler as defineNitros } from 'nitro/cache'
import { defineHandler } from 'nitro/h3'
import { digest } from 'ohash/crypto'
import { sayCacheRule } from './adapters/h3-v2/cache-key'
import { released } from './adapters/h3-v2/entries'
import type { CacheRule, NextEvent } from './adapters/h3-v2/event'
import { releaseEntry } from './server/release-entry'

export { defineCachedFunction } from 'nitro/cache'

type Handler = Parameters<typeof defineNitros>[0]

/**
 * Nitro's own, which stands in its place in the built server: its key can be asked while the handler runs, and a session
 * in an entry is served to its visitor only, also if a route makes another response of what the handler answers.
 */
export function defineCachedHandler(handler: Handler, options: CacheRule = {}): ReturnType<typeof defineHandler> {
  const asked: Handler = (event) => {
    sayCacheRule(event, options)
    return handler(event)
  }
  const version = versionOf(handler, options)
  const name = handler.name || `anon_${version.slice(0, 16)}`
  const cached = defineNitros(asked, { name, integrity: version, ...options })
  return defineHandler(async (event: NextEvent) => released(releaseEntry, await cached(event), event))
}

/** Entries of another version of a handler are not served. Nitro would take name and source of `asked` for the handler's. */
function versionOf(handler: Handler, options: object): string {
  return digest([handler, ...Object.entries(options).flat()].map(String).join('\n'))
}
