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
 * Nitro's own, which stands in its place in the built server: its key can be asked while the handler runs, and a session
 * in an entry is served to its visitor only, also if a route makes another response of what the handler answers.
 */
export function defineCachedHandler(handler: Handler, options: CacheRule = {}): ReturnType<typeof defineHandler> {
  const asked: Handler = (event) => {
    setCacheRule(event, options)
    return handler(event)
  }
  const cached = defineNitros(asked, { integrity: versionOf(handler, options), ...options })
  return defineHandler(async (event: NextEvent) => checkEntry(releaseEntry, await cached(event), event))
}

/** Entries of another version of a handler are not served. Nitro would take the source of `asked` for it. */
function versionOf(handler: Handler, options: object): string {
  return digest([handler, ...Object.entries(options).flat()].map(String).join('\n'))
}
