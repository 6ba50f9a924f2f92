import { defineCachedHandler as defineNitros } from 'nitro/cache'
import { defineHandler } from 'nitro/h3'
import { digest } from 'ohash/crypto'
import { setCacheRule } from './adapters/h3-v2/cache-key'
import { checkEntry } from './adapters/h3-v2/entries'
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
  const cached = defineNitros(withRule, { integrity: versionOf(handler, options), ...options })
  return defineHandler(async (event: NextEvent) => checkEntry(releaseEntry, await cached(event), event))
}

/** Nitro does not serve entries of another version of a handler. It would use the source of `withRule` as the version. */
function versionOf(handler: Handler, options: object): string {
  return digest([handler, ...Object.entries(options).flat()].map(String).join('\n'))
}
