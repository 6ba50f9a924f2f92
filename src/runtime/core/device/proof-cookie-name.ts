/**
 * The cookie with the proof that the browser has its session's key. Chromium refuses instructions for a cookie whose name
 * begins with `__Http-` or `__Host-Http-`, so the proof has the prefix with the same rules for `Secure`, `Path` and `Domain`.
 */
export function proofCookieOf(name: string): string {
  return `${name.replace(/^__Host-Http-/i, '__Host-').replace(/^__Http-/i, '__Secure-')}-device`
}
