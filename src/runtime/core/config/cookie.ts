import { meets, needsOf } from './cookie-needs'
import type { CookieNeed } from './cookie-needs'
import { configInvalid, showValue } from '../model/errors'
import { MAX_LIFETIME_MS } from '../model/lifetimes'
import type { SessionCookieOptions } from '../model/types'

/** Bytes of name and value: browsers ignore larger cookies (RFC 6265bis, 5.6). */
export const MAX_COOKIE_BYTES = 4096

// RFC 9110, 5.6.2: the "token" of cookie names and header names.
const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/
// eslint-disable-next-line no-control-regex
const UNSAFE_ATTRIBUTE = /[;\u0000-\u001F\u007F-\uFFFF]/

const RULES: [keys: (keyof SessionCookieOptions)[], isValid: (value: unknown) => boolean, rule: string][] = [
  [['path', 'domain'], value => typeof value === 'string' && !UNSAFE_ATTRIBUTE.test(value), 'be a string without ";" and control characters'],
  [['path'], value => (value as string).startsWith('/'), 'begin with "/"'],
  [['httpOnly', 'secure', 'partitioned'], value => typeof value === 'boolean', 'be true or false'],
  [['sameSite'], value => [true, false, 'lax', 'strict', 'none'].includes(value as string), 'be "lax", "strict", "none", true or false'],
  [['priority'], value => ['low', 'medium', 'high'].includes(value as string), 'be "low", "medium" or "high"'],
  [['maxAge'], value => Number.isFinite(value), 'be a number of seconds, such as 3600'],
  [['chunkMaxLength', 'maxBytes'], value => Number.isInteger(value) && value as number >= 1, 'be a whole number above 0'],
]

type Unsettable = 'domain' | 'maxAge' | 'expires' | 'priority'

/** The options of a cookie, without those that `false` unsets. */
export type CookieAttributes = Omit<SessionCookieOptions, Unsettable> & { [K in Unsettable]?: Exclude<SessionCookieOptions[K], false> }

export function assertCookieName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !TOKEN.test(name) || name === '__proto__')
    throw configInvalid(`the session name ${showValue(name)} is not a valid cookie name. Use letters, digits, "-" and "_", but not "__proto__".`)
}

export function assertHeaderName(header: unknown): asserts header is string | false {
  if (header !== false && (typeof header !== 'string' || !TOKEN.test(header)))
    throw configInvalid(`sessionHeader ${showValue(header)} is not a valid header name. Use a name like "x-h3-session", or false.`)
}

/** @throws SESSION_CONFIG_INVALID for a cookie that browsers ignore, or that would break the header line */
export function assertCookie(name: string, cookie: SessionCookieOptions): void {
  for (const [keys, isValid, rule] of RULES) {
    for (const key of keys) {
      const value = cookie[key]
      if (value !== undefined && !isValid(value)) throw configInvalid(`cookie.${key} ${showValue(value)} must ${rule}.`)
    }
  }
  if (cookie.expires !== undefined && !(cookie.expires instanceof Date && !Number.isNaN(cookie.expires.getTime())))
    throw configInvalid('cookie.expires must be a valid Date.')
  if (cookie.encode !== undefined && typeof cookie.encode !== 'function')
    throw configInvalid('cookie.encode must be a function.')
  for (const { part, needs } of needsOf(name, cookie)) {
    const unmet = needs.find(need => !meets(need, cookie))
    if (unmet !== undefined) throw configInvalid(`browsers refuse ${PARTS[part] ?? `the cookie "${name}"`} ${FIXES[unmet]}`)
  }
}

const PARTS: Record<string, string> = { 'SameSite=None': 'cookie.sameSite "none"', 'Partitioned': 'a Partitioned cookie' }

const HOST_FIX = 'unless cookie.path is "/" and cookie.domain is unset. Or choose a name without this prefix.'
const FIXES: Record<CookieNeed, string> = {
  'Secure': 'without Secure. Leave cookie.secure unset or set it to true.',
  'HttpOnly': 'without HttpOnly. Leave cookie.httpOnly unset, or choose a name without this prefix.',
  'Path=/': HOST_FIX,
  'no Domain': HOST_FIX,
}

/** Whether browsers drop the cookie without `Secure`. */
export function needsSecure(name: string, cookie: SessionCookieOptions): boolean {
  return needsOf(name, cookie).some(({ needs }) => needs.includes('Secure'))
}

/** The fixed parts of a Set-Cookie line. Name, value and `Expires` differ by response. */
export interface CookieTemplate {
  readonly beforeExpires: string
  readonly afterExpires: string
}

/** Writes the attributes once, for all responses. */
export function createCookieTemplate({ maxAge, domain, path, httpOnly, priority, sameSite, partitioned }: Omit<CookieAttributes, 'secure'>, secure: boolean): CookieTemplate {
  return {
    beforeExpires: renderAttributes({ 'Max-Age': maxAge === undefined ? undefined : Math.floor(Math.min(maxAge, MAX_LIFETIME_MS / 1000)), 'Domain': domain, 'Path': path }),
    afterExpires: renderAttributes({
      HttpOnly: httpOnly, Secure: secure, Priority: capitalize(priority), SameSite: sameSite === true ? 'Strict' : capitalize(sameSite || undefined), Partitioned: partitioned,
    }),
  }
}

/** The values are those that {@link assertCookie} accepts. */
function renderAttributes(values: Record<string, string | number | boolean | undefined>): string {
  return Object.entries(values).map(([name, value]) => {
    if (value === undefined || value === false || value === '') return ''
    return value === true ? `; ${name}` : `; ${name}=${value}`
  }).join('')
}

function capitalize(text: string | undefined): string | undefined {
  return text && text[0]!.toUpperCase() + text.slice(1)
}
