import type { ServerResponse } from 'node:http'
import { completeVary, stricterCacheControl } from '../shared/cache-values'
import type { CacheDirective } from '../shared/cache-values'

/** Adds to the entry's `Vary`, so that caches in front of the server separate visitors too. */
export function varyEntry(entry: ServerResponse, vary: readonly string[]): void {
  if (vary.length > 0) appendVary(entry, vary)
}

/** Prevents the storing of the entry. */
export function forbidEntry(entry: ServerResponse): void {
  restrictCaching(entry, 'no-store')
}

/** Adds what is missing to the `Vary` header (RFC 9110, 12.5.5). */
export function appendVary(response: ServerResponse, names: readonly string[]): void {
  const value = response.getHeader('vary')
  const line = completeVary(Array.isArray(value) ? value.join(', ') : value?.toString(), names)
  if (line !== undefined) response.setHeader('vary', line)
}

/** Sets `Cache-Control`, unless the app's value is at least as strict. */
export function restrictCaching(response: ServerResponse, directive: CacheDirective): void {
  const current = response.getHeader('cache-control')
  const line = stricterCacheControl(current === undefined ? undefined : String(current), directive)
  if (line !== undefined) response.setHeader('cache-control', line)
}
