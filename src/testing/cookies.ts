import { parse, parseSetCookie, splitSetCookieString } from 'cookie-es'
import type { ResolvedCookie } from '../runtime/core/config/types'
import { namesOf } from '../runtime/core/cookie/cookies'
import { configInvalid, showValue } from '../runtime/core/model/errors'

/** A cookie without its attributes. */
export interface CookiePair { name: string, value: string }

/**
 * What cookies can be read from: a response, its headers, one or several Set-Cookie lines, Playwright's
 * `context.cookies()` or `storageState()`, or the result of `createSessionCookie`.
 */
export type CookieSource =
  | Response | Headers | { readonly headers: Headers }
  | string | readonly (string | CookiePair)[]
  | { readonly cookies: readonly CookiePair[] }
  | null | undefined

/** A cookie for Playwright's `context.addCookies()` and `storageState`. */
export interface BrowserCookie {
  name: string
  value: string
  /** The page's host; with a leading dot, a domain and all its subdomains. */
  domain: string
  path: string
  /** Seconds since 1970; -1: until the browser closes. */
  expires: number
  httpOnly: boolean
  secure: boolean
  sameSite: 'Strict' | 'Lax' | 'None'
}

const SAME_SITES: Record<string, BrowserCookie['sameSite']> = { strict: 'Strict', none: 'None' }

/**
 * The values of a session's cookies, by name; `''` if a response removes one. Of several lines with one name the last
 * counts, as in a browser.
 * @throws SESSION_CONFIG_INVALID if the source has no cookies
 */
export function cookieValues(source: CookieSource, session: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const { name, value } of pairsOf(source)) {
    if (namesOf(session, { [name]: value }).length === 0) continue
    // As the server decodes it.
    values[name] = parse(`${name}=${value}`)[name] ?? ''
  }
  return values
}

/** Parses a Set-Cookie line. The value stays encoded. */
export function parseLine(line: string) {
  return parseSetCookie(line, { decode: text => text })
}

/** The cookies that a browser has after `page` sent these Set-Cookie lines. @throws SESSION_CONFIG_INVALID */
export function toBrowserCookies(lines: readonly string[], cookie: ResolvedCookie, page: string | URL): BrowserCookie[] {
  const { hostname, protocol } = toUrl(page)
  return lines.map((line) => {
    const { name, value, path = '/', httpOnly = false, sameSite, maxAge, expires } = parseLine(line)
    return {
      name,
      value,
      domain: cookie.domain ? `.${cookie.domain.replace(/^\./, '')}` : hostname,
      path,
      expires: expirySeconds(maxAge, expires),
      httpOnly,
      // A built server has a proxy for TLS in production, but not in tests.
      secure: cookie.secure === 'auto' ? protocol === 'https:' : cookie.secure,
      // Browsers treat a cookie without SameSite as Lax.
      sameSite: SAME_SITES[String(sameSite).toLowerCase()] ?? 'Lax',
    }
  })
}

function pairsOf(source: CookieSource): CookiePair[] {
  if (source === null || source === undefined) return []
  if (typeof source === 'string') return splitSetCookieString(source).map(toPair)
  if (Array.isArray(source)) return source.flatMap(item => typeof item === 'string' ? pairsOf(item) : [assertPair(item)])
  if (isHeaders(source)) return source.getSetCookie().map(toPair)
  const { cookies, headers } = source as { cookies?: unknown, headers?: unknown }
  if (Array.isArray(cookies)) return pairsOf(cookies)
  if (isHeaders(headers)) return pairsOf(headers)
  throw unreadable(source)
}

/** Not by `instanceof`: test environments have their own classes. */
function isHeaders(value: unknown): value is Headers {
  return typeof (value as Partial<Headers> | undefined)?.getSetCookie === 'function'
}

/** The cookie of a Set-Cookie line; the value is empty if the line removes it. */
function toPair(line: string): CookiePair {
  const { name, value, maxAge = 1 } = parseLine(line)
  return { name: name.trim(), value: maxAge <= 0 ? '' : value.trim() }
}

function assertPair(item: unknown): CookiePair {
  const { name, value } = (item ?? {}) as Partial<Record<keyof CookiePair, unknown>>
  if (typeof name !== 'string' || typeof value !== 'string') throw unreadable(item)
  return { name, value }
}

function unreadable(value: unknown) {
  return configInvalid(`readSessionCookie() got ${showValue(value)}, which has no cookies. Use a Response, its headers or Set-Cookie lines, or Playwright's cookies or storageState.`)
}

/** A browser would drop an expired cookie. Without an end it sends the cookie, so that the server can reject it. */
function expirySeconds(maxAge: number | undefined, expires: Date | undefined): number {
  const now = Date.now()
  const end = maxAge === undefined ? expires?.getTime() : now + maxAge * 1000
  return end === undefined || end <= now ? -1 : Math.trunc(end / 1000)
}

function toUrl(page: string | URL): URL {
  const url = URL.canParse(String(page)) ? new URL(page) : undefined
  if (url?.hostname) return url
  throw configInvalid(`${showValue(String(page))} is not the address of a page. Use one such as "http://127.0.0.1:3000".`)
}
