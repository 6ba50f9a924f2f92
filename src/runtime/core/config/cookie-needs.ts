/** An attribute that browsers require of some cookies, or its absence. */
export type CookieNeed = 'Secure' | 'HttpOnly' | 'Path=/' | 'no Domain'

/** What a part of a cookie needs. */
export interface CookieNeeds {
  /** The attribute or the prefix of the name that has needs. */
  part: string
  needs: readonly CookieNeed[]
}

// Without regard to case. `__Host-Http-` begins with `__Host-`, so it comes first.
const PREFIXES: readonly CookieNeeds[] = [
  { part: '__Host-Http-', needs: ['Secure', 'HttpOnly', 'Path=/', 'no Domain'] },
  { part: '__Host-', needs: ['Secure', 'Path=/', 'no Domain'] },
  { part: '__Http-', needs: ['Secure', 'HttpOnly'] },
  { part: '__Secure-', needs: ['Secure'] },
]

/** What browsers require of a cookie; they drop it otherwise (RFC 6265bis 4.1.3 and 5.7, CHIPS). */
export function needsOf(name: string, { sameSite, partitioned }: { sameSite?: boolean | string, partitioned?: boolean }): CookieNeeds[] {
  const found: CookieNeeds[] = []
  if (typeof sameSite === 'string' && sameSite.toLowerCase() === 'none') found.push({ part: 'SameSite=None', needs: ['Secure'] })
  if (partitioned) found.push({ part: 'Partitioned', needs: ['Secure'] })
  const start = name.slice(0, '__Host-Http-'.length).toLowerCase()
  const prefix = PREFIXES.find(({ part }) => start.startsWith(part.toLowerCase()))
  return prefix ? [...found, prefix] : found
}

/** Whether a cookie meets a need. Attributes that are not decided yet do. */
export function meets(need: CookieNeed, { secure, httpOnly, path, domain }: { secure?: boolean | '', httpOnly?: boolean | '', path?: string, domain?: string | false }): boolean {
  switch (need) {
    case 'Secure': return secure !== false
    case 'HttpOnly': return httpOnly !== false
    case 'Path=/': return path === '/'
    case 'no Domain': return !domain
  }
}
