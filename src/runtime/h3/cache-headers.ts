import type { ServerResponse } from 'node:http'

/** Adds what is missing to the `Vary` header. */
export function appendVary(response: ServerResponse, names: readonly string[]): void {
  const value = response.getHeader('vary')
  if (value === undefined) {
    response.setHeader('vary', names.join(', '))
    return
  }
  const current = [value].flat().join(', ')
  const present = new Set(current.toLowerCase().split(/\s*,\s*/))
  const missing = present.has('*') ? [] : names.filter(name => !present.has(name.toLowerCase()))
  if (missing.length > 0) response.setHeader('vary', [current, ...missing].filter(Boolean).join(', '))
}

/** Sets `Cache-Control`, unless the app said something as strict: `no-store`, or `private` where that is enough. */
export function restrictCaching(response: ServerResponse, directive: 'no-store' | 'private, no-cache'): void {
  const current = response.getHeader('cache-control')
  if (current !== undefined) {
    if (/\bno-store\b/i.test(String(current))) return
    if (directive !== 'no-store' && /\bprivate\b/i.test(String(current))) return
  }
  response.setHeader('cache-control', directive)
}
