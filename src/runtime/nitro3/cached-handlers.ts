import { defineCachedHandler as defineNitros } from 'nitro/cache'
import { defineHandler } from 'nitro/h3'
import { released } from '../h3-2/entries'
import type { NextEvent } from '../h3-2/event'
import { releaseEntry } from '../server/release-entry'

export { defineCachedFunction } from 'nitro/cache'

/**
 * Nitro's own, which stands in its place in the built server: a session in an entry is served to its visitor only, also if
 * a route calls the cached handler and makes another response of what it answers.
 */
export function defineCachedHandler(...args: Parameters<typeof defineNitros>): ReturnType<typeof defineHandler> {
  const cached = defineNitros(...args)
  return defineHandler(async (event: NextEvent) => released(releaseEntry, await cached(event), event))
}
