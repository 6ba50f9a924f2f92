import { defineEventHandler } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import { defineCachedEventHandler as defineNitros } from 'nitropack/runtime/internal/cache'
import type { CachedEventHandlerOptions } from 'nitropack/types'

export { cachedFunction, defineCachedFunction } from 'nitropack/runtime/internal/cache'

/** Nitro's default options. */
const DEFAULT_OPTIONS: CachedEventHandlerOptions = { name: '_', base: '/cache', swr: true, maxAge: 1 }

/**
 * Replaces Nitro's own in the built server, which every app loads. The code that makes an entry with a session private is
 * loaded at the first request.
 */
export const defineCachedEventHandler: typeof defineNitros = (handler: EventHandler, options: CachedEventHandlerOptions = DEFAULT_OPTIONS) => {
  let cached: EventHandler | undefined
  return defineEventHandler(async (event: H3Event) => {
    if (!cached) {
      const { defineOwnedHandler } = await import('./nitro-v2-owned-handlers')
      // Once, for parallel requests too: Nitro gives requests that wait for the same entry one response.
      cached ??= defineOwnedHandler(defineNitros, handler, options)
    }
    return cached(event) as unknown
  }) as never
}

export const cachedEventHandler = defineCachedEventHandler
