import { configInvalid, showValue } from '../model/errors'
import type { SessionCookieOptions } from '../model/types'
import { serialize } from 'cookie-es'

/** Bytes of name and value: browsers ignore larger cookies (RFC 6265bis, 5.6). */
export const MAX_COOKIE_BYTES = 4096

// RFC 9110, 5.6.2: the "token" of cookie names and header names.
const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/
// eslint-disable-next-line no-control-regex
const UNSAFE_ATTRIBUTE = /[;\u0000-\u001F\u007F-\uFFFF]/
const SAME_SITE = new Set<unknown>([undefined, true, false, 'lax', 'strict', 'none'])
const PRIORITY = new Set<unknown>([undefined, 'low', 'medium', 'high'])

/** Whether browsers accept the cookie only with Secure (RFC 6265bis 4.1.3 and 5.7, CHIPS). */
export function needsSecure(name: string, cookie: SessionCookieOptions): boolean {
  return /^__(?:host|secure)-/i.test(name) || cookie.sameSite === 'none' || cookie.partitioned === true
}

/** @throws SESSION_CONFIG_INVALID for an invalid cookie name */
export function assertCookieName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !TOKEN.test(name) || name === '__proto__')
    throw configInvalid(`the session name ${showValue(name)} is not a valid cookie name. Use letters, digits, "-" and "_".`)
}

/** @throws SESSION_CONFIG_INVALID for an invalid header name */
export function assertHeaderName(header: unknown): asserts header is string | false {
  if (header !== false && (typeof header !== 'string' || !TOKEN.test(header)))
    throw configInvalid(`sessionHeader ${showValue(header)} is not a valid header name. Use a name like "x-h3-session", or false.`)
}

/**
 * Checks the options of a cookie.
 * @throws SESSION_CONFIG_INVALID for a cookie that browsers ignore, or that would break the header line
 */
export function assertCookie(name: string, cookie: SessionCookieOptions): void {
  assertTypes(cookie)
  if (cookie.secure === false) {
    if (cookie.sameSite === 'none')
      throw configInvalid('browsers refuse cookie.sameSite "none" without Secure. Leave cookie.secure unset or set it to true.')
    if (cookie.partitioned)
      throw configInvalid('browsers refuse a Partitioned cookie without Secure. Leave cookie.secure unset or set it to true.')
    if (needsSecure(name, cookie))
      throw configInvalid(`browsers refuse the cookie "${name}" without Secure. Leave cookie.secure unset or set it to true.`)
  }
  if (/^__host-/i.test(name) && (cookie.path !== '/' || cookie.domain))
    throw configInvalid(`browsers refuse the cookie "${name}" unless cookie.path is "/" and cookie.domain is unset.`)
}

function assertTypes(cookie: SessionCookieOptions): void {
  for (const key of ['path', 'domain'] as const) {
    const value = cookie[key]
    if (value !== undefined && (typeof value !== 'string' || UNSAFE_ATTRIBUTE.test(value)))
      throw configInvalid(`cookie.${key} ${showValue(value)} must be a string without ";" and control characters.`)
  }
  if (!cookie.path?.startsWith('/'))
    throw configInvalid(`cookie.path ${showValue(cookie.path)} must begin with "/".`)
  for (const key of ['httpOnly', 'secure', 'partitioned'] as const) {
    if (cookie[key] !== undefined && typeof cookie[key] !== 'boolean')
      throw configInvalid(`cookie.${key} ${showValue(cookie[key])} must be true or false.`)
  }
  if (!SAME_SITE.has(cookie.sameSite))
    throw configInvalid(`cookie.sameSite ${showValue(cookie.sameSite)} must be "lax", "strict", "none", true or false.`)
  if (!PRIORITY.has(cookie.priority))
    throw configInvalid(`cookie.priority ${showValue(cookie.priority)} must be "low", "medium" or "high".`)
  if (cookie.expires !== undefined && !(cookie.expires instanceof Date && !Number.isNaN(cookie.expires.getTime())))
    throw configInvalid('cookie.expires must be a valid Date.')
  if (cookie.encode !== undefined && typeof cookie.encode !== 'function')
    throw configInvalid('cookie.encode must be a function.')
  if (cookie.maxAge !== undefined && !Number.isFinite(cookie.maxAge))
    throw configInvalid(`cookie.maxAge ${showValue(cookie.maxAge)} must be a number of seconds.`)
  for (const key of ['chunkMaxLength', 'maxBytes'] as const) {
    if (!Number.isInteger(cookie[key]) || cookie[key]! < 1)
      throw configInvalid(`cookie.${key} ${showValue(cookie[key])} must be a whole number above 0.`)
  }
}

/** The fixed parts of a Set-Cookie line. Name, value and `Expires` differ by response. */
export interface CookieTemplate {
  /** Between the value and `Expires`. */
  readonly beforeExpires: string
  readonly afterExpires: string
}

const PLACE = new Date(0)

/** Validates and writes the attributes once, for all responses. */
export function createCookieTemplate(attributes: Omit<SessionCookieOptions, 'secure' | 'expires' | 'encode'> & { secure: boolean }): CookieTemplate {
  const [beforeExpires = '', afterExpires = ''] = serialize('x', '', { ...attributes, expires: PLACE })
    .slice('x='.length).split(`; Expires=${PLACE.toUTCString()}`)
  return { beforeExpires, afterExpires }
}
