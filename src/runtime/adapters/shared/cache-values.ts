/** What a response with a session says to caches; `no-store` where it sends the session's cookie. */
export type CacheDirective = 'private, no-cache' | 'no-store'

// A configuration has one list for all its requests.
const lines = new WeakMap<readonly string[], string>()

function lineOf(names: readonly string[]): string {
  let line = lines.get(names)
  if (line === undefined) lines.set(names, line = names.join(', '))
  return line
}

/** The `Vary` header with what is missing in it; `undefined` where nothing is (RFC 9110, 12.5.5). */
export function completeVary(current: string | undefined, names: readonly string[]): string | undefined {
  const line = lineOf(names)
  if (current === line) return undefined
  if (current === undefined) return line
  const present = new Set(current.toLowerCase().split(/\s*,\s*/))
  const missing = present.has('*') ? [] : names.filter(name => !present.has(name.toLowerCase()))
  return missing.length > 0 ? [current, ...missing].filter(Boolean).join(', ') : undefined
}

/**
 * The `Cache-Control` header that is needed; `undefined` where the app said something as strict: `no-store`, or
 * `private` where that is enough (RFC 9111, 5.2.2).
 */
export function stricterCacheControl(current: string | undefined, directive: CacheDirective): string | undefined {
  if (current === directive) return undefined
  // Most often it is ours, of the read before the write.
  if (current === undefined || current === ('private, no-cache' satisfies CacheDirective)) return directive
  const directives = directivesOf(current)
  const isStrict = directives.includes('no-store') || (directive !== 'no-store' && directives.includes('private'))
  return isStrict ? undefined : directive
}

/** Without what stands in quotes: `private="set-cookie"` restricts that field alone (RFC 9111, 5.2.2.7). */
function directivesOf(value: string): string[] {
  return value.toLowerCase().replaceAll(/"[^"]*"/g, '""').split(',').map(directive => directive.trim())
}
