import { parse, splitSetCookieString } from 'cookie-es'
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

function pairsOf(source: CookieSource): CookiePair[] {
  if (source === null || source === undefined) return []
  if (typeof source === 'string') return splitSetCookieString(source).map(readLine)
  if (Array.isArray(source)) return source.flatMap(item => typeof item === 'string' ? pairsOf(item) : [toPair(item)])
  if (isHeaders(source)) return source.getSetCookie().map(readLine)
  const { cookies, headers } = source as { cookies?: unknown, headers?: unknown }
  if (Array.isArray(cookies)) return pairsOf(cookies)
  if (isHeaders(headers)) return pairsOf(headers)
  throw unreadable(source)
}

/** Not by `instanceof`: test environments have their own classes. */
function isHeaders(value: unknown): value is Headers {
  return typeof (value as Partial<Headers> | undefined)?.getSetCookie === 'function'
}

/** Reads a Set-Cookie line; the value is empty if the line removes the cookie. */
function readLine(line: string): CookiePair {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const isRemoval = attributes.some(attribute => /^\s*max-age\s*=\s*(?:0|-\d+)\s*$/i.test(attribute))
  return { name: pair.slice(0, at).trim(), value: isRemoval ? '' : pair.slice(at + 1).trim() }
}

function toPair(item: unknown): CookiePair {
  const { name, value } = (item ?? {}) as Partial<Record<keyof CookiePair, unknown>>
  if (typeof name !== 'string' || typeof value !== 'string') throw unreadable(item)
  return { name, value }
}

function unreadable(value: unknown) {
  return configInvalid(`readSessionCookie() got ${showValue(value)}, which has no cookies. Use a Response, its headers or Set-Cookie lines, or Playwright's cookies or storageState.`)
}
