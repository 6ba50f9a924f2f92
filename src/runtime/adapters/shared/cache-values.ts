/** `Cache-Control` of a response with a session. `no-store` if it sends the session's cookie. */
export type CacheDirective = 'private, no-cache' | 'no-store'

// A configuration has the same list for all requests.
const lines = new WeakMap<readonly string[], string>()

/** The `Vary` header with the missing names; `undefined` if none is missing (RFC 9110, 12.5.5). */
export function completeVary(current: string | undefined, names: readonly string[]): string | undefined {
  let line = lines.get(names)
  if (line === undefined) lines.set(names, line = names.join(', '))
  if (current === line) return undefined
  if (current === undefined) return line
  const present = new Set(current.toLowerCase().split(/\s*,\s*/))
  const missing = present.has('*') ? [] : names.filter(name => !present.has(name.toLowerCase()))
  return missing.length > 0 ? [current, ...missing].filter(Boolean).join(', ') : undefined
}

/**
 * The new `Cache-Control` header; `undefined` if the current one is strict enough: `no-store`, or `private` if only that
 * is needed (RFC 9111, 5.2.2). Ignores quoted text: `private="set-cookie"` only restricts that field (5.2.2.7).
 */
export function stricterCacheControl(current: string | undefined, directive: CacheDirective): string | undefined {
  if (current === directive) return undefined
  // The usual case: our own value, from a read before the write.
  if (current === undefined || current === ('private, no-cache' satisfies CacheDirective)) return directive
  const directives = current.toLowerCase().replaceAll(/"[^"]*"/g, '""').split(',').map(name => name.trim())
  const isStrict = directives.includes('no-store') || (directive !== 'no-store' && directives.includes('private'))
  return isStrict ? undefined : directive
}

/** The `Clear-Site-Data` header with `"cache"`, never `"cookies"`, which reach other hosts; `undefined` if it has it already. */
export function clearingCache(current: string | undefined): string | undefined {
  if (!current) return '"cache"'
  const types = current.split(',').map(type => type.trim())
  return types.includes('"cache"') || types.includes('"*"') ? undefined : `${current}, "cache"`
}
