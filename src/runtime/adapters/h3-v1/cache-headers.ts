import type { ServerResponse } from 'node:http'
import { completeVary, stricterCacheControl } from '../shared/cache-values'
import type { CacheDirective } from '../shared/cache-values'

/** The entry of a cached handler that keeps visitors apart; caches in front of the server must do the same. */
export function varyEntry(entry: ServerResponse, vary: readonly string[]): void {
  if (vary.length > 0) appendVary(entry, vary)
}

/** No cached handler keeps the entry. */
export function forbidEntry(entry: ServerResponse): void {
  restrictCaching(entry, 'no-store')
}

/** Adds what is missing to the `Vary` header (RFC 9110, 12.5.5). */
export function appendVary(response: ServerResponse, names: readonly string[]): void {
  const value = response.getHeader('vary')
  const line = completeVary(Array.isArray(value) ? value.join(', ') : value?.toString(), names)
  if (line !== undefined) response.setHeader('vary', line)
}

/** Sets `Cache-Control`, unless the app set something as strict. */
export function restrictCaching(response: ServerResponse, directive: CacheDirective): void {
  const current = response.getHeader('cache-control')
  const line = stricterCacheControl(current === undefined ? undefined : String(current), directive)
  if (line !== undefined) response.setHeader('cache-control', line)
}
