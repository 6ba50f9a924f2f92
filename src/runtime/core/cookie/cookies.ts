import { createCookieTemplate, MAX_COOKIE_BYTES } from '../config/cookie'
import type { ResolvedCookie } from '../config/types'
import { configInvalid, SessionError } from '../model/errors'
import { MAX_LIFETIME_MS } from '../model/lifetimes'
import { MAX_TOKEN_LENGTH } from '../model/shape'

const HEAD = '__chunked__'
/** Maximum of h3 v2. */
const MAX_CHUNKS = 100
// name.NN=
const SUFFIX_LENGTH = 4

/** The cookie name of a chunk, as in h3 v2. `index` counts from 1. */
export function chunkName(name: string, index: number): string {
  return `${name}.${index}`
}

/**
 * Splits a value over cookies as h3 v2 does: `name=__chunked__N`, then `name.1` to `name.N`. No cookie is larger than
 * browsers accept (RFC 6265bis, 5.6). Returns `undefined` if there would be more than 100.
 */
export function splitIntoChunks(name: string, value: string, chunkMaxLength: number): Map<string, string> | undefined {
  const length = Math.min(chunkMaxLength, MAX_COOKIE_BYTES - name.length - SUFFIX_LENGTH)
  if (value.length <= length) return new Map([[name, value]])
  const count = Math.ceil(value.length / length)
  if (length < 1 || count > MAX_CHUNKS) return undefined
  const cookies = new Map([[name, HEAD + count]])
  for (let index = 1; index <= count; index++)
    cookies.set(chunkName(name, index), value.slice((index - 1) * length, index * length))
  return cookies
}

/** `undefined` if the cookie is missing or empty, `''` if a chunk is missing or their number is invalid. */
export function joinChunks(name: string, cookies: Record<string, string>): string | undefined {
  const head = cookies[name]
  // h3 v1 clears a cookie by setting an empty value.
  if (!head) return undefined
  if (!head.startsWith(HEAD)) return head
  const count = toChunkNumber(head.slice(HEAD.length))
  if (count === 0) return ''
  let value = ''
  for (let index = 1; index <= count; index++) {
    const chunk = cookies[chunkName(name, index)]
    if (!chunk) return ''
    value += chunk
  }
  return value
}

/** The names of a session's cookies in a request: its own and those of its chunks, complete or not. */
export function namesOf(name: string, cookies: Record<string, string>): string[] {
  return Object.keys(cookies).filter(key => key === name
    || (key.startsWith(`${name}.`) && toChunkNumber(key.slice(name.length + 1)) > 0))
}

/** A chunk's index or the number of chunks; 0 if the text is no such number. */
function toChunkNumber(text: string): number {
  return /^[1-9]\d{0,2}$/.test(text) && Number(text) <= MAX_CHUNKS ? Number(text) : 0
}

/** Whether a cookie's value is a seal or the number of its chunks. */
export function isToken(value: string): boolean {
  return value.startsWith('Fe26.2*') || value.startsWith(HEAD)
}

// RFC 6265, 4.1.1.
// eslint-disable-next-line regexp/no-obscure-range -- the ranges of the RFC
const COOKIE_VALUE = /^[!#-+\-./0-:<-[\]-~]*$/

export interface CookieWrite {
  name: string
  /** `undefined` removes the session's cookies. */
  token: string | undefined
  cookie: ResolvedCookie
  secure: boolean
  /** End of the cookie in milliseconds since 1970. */
  end: number | undefined
  now: number
  requestCookies: Record<string, string>
  /** Another module that reads the cookie, but no chunks. */
  sharedWith: string | undefined
  /** The response's Set-Cookie lines so far. */
  lines: readonly string[]
}

/**
 * The response's Set-Cookie lines with a session's cookies in place of its earlier ones. Removes chunks that the browser
 * no longer needs. @throws SESSION_TOO_LARGE if there would be too many cookies
 */
export function renderCookies(write: CookieWrite): string[] {
  const { name, token, cookie } = write
  const values = token === undefined ? new Map<string, string>() : splitIntoChunks(name, token, cookie.chunkMaxLength)
  if (!values) throw tooLarge(name, `it needs more than ${MAX_CHUNKS} cookies`)
  if (values.size > 1 && write.sharedWith)
    throw tooLarge(name, `it needs more than one cookie, but ${write.sharedWith} reads only one. Or give it its own name`)
  const stale = namesOf(name, write.requestCookies).filter(key => !values.has(key))
  if (token === undefined && !stale.includes(name)) stale.unshift(name)
  const lines = write.lines.filter(line => !isReplaced(line, write))
  for (const [key, value] of values) lines.push(renderCookie(write, key, value))
  for (const key of stale) lines.push(renderRemoval(write, key))
  return lines
}

/** Common proxies reject header lines over 8 KiB. Such cookies would lock the visitor out. */
export function cookieBytes(names: readonly string[], requestCookies: Record<string, string>, lines: readonly string[]): number {
  const cookies = { ...requestCookies }
  for (const line of lines) {
    const [key, value] = nameAndValue(line)
    if (value === '') Reflect.deleteProperty(cookies, key)
    else cookies[key] = value
  }
  const keys = new Set(names.flatMap(name => namesOf(name, cookies)))
  // name=value and the separator "; "
  return [...keys].reduce((sum, key) => sum + key.length + cookies[key]!.length + 3, 0)
}

/** @throws SESSION_TOO_LARGE if a token is too long to be read again */
export function assertTokenFits(name: string, token: string): void {
  if (token.length > MAX_TOKEN_LENGTH) throw tooLarge(name, `its seal has ${token.length} characters, the maximum is ${MAX_TOKEN_LENGTH} in any cookie or header`)
}

/** `largest`: the name of the largest, if several sessions are too large together. */
export function tooLarge(name: string, what: string, largest = name): SessionError {
  return new SessionError('SESSION_TOO_LARGE',
    `the session "${name}" ${largest === name ? 'is too large for cookies' : 'does not fit in the cookies'}: ${what}. A seal is a third larger than its data. Keep less in ${largest === name ? 'it' : `the session "${largest}"`}, such as ids in place of objects, or keep it in a store (option "storage").`)
}

function renderRemoval({ cookie, secure }: CookieWrite, key: string): string {
  const { beforeExpires, afterExpires } = createCookieTemplate({ ...cookie, maxAge: 0 }, secure)
  return `${key}=${beforeExpires}; Expires=${new Date(0).toUTCString()}${afterExpires}`
}

function renderCookie({ cookie, secure, now, end }: CookieWrite, key: string, value: string): string {
  const { beforeExpires, afterExpires } = secure ? cookie.template.secure : cookie.template.plain
  const expires = cookie.expires?.getTime() ?? end
  const encoded: unknown = cookie.encode ? cookie.encode(value) : value
  if (cookie.encode && (typeof encoded !== 'string' || !COOKIE_VALUE.test(encoded)))
    throw configInvalid('cookie.encode must return a cookie value: a string without ";", spaces and control characters.')
  const attribute = expires === undefined ? '' : `; Expires=${new Date(Math.min(expires, now + MAX_LIFETIME_MS)).toUTCString()}`
  return `${key}=${encoded}${beforeExpires}${attribute}${afterExpires}`
}

/** Whether a line is of one of the session's cookies. */
export function isReplaced(line: string, { name, cookie }: Pick<CookieWrite, 'name' | 'cookie'>): boolean {
  const [key] = nameAndValue(line)
  return namesOf(name, { [key]: '' }).length > 0 && isSameJar(line, cookie)
}

/** The value of the session's cookie in the response's Set-Cookie lines; `''` if they remove it. */
export function responseValue(lines: readonly string[], name: string, cookie: ResolvedCookie): string | undefined {
  const line = lines.findLast(line => nameAndValue(line)[0] === name && isSameJar(line, cookie))
  return line === undefined ? undefined : nameAndValue(line)[1]
}

/** The lines of `ours` whose cookies the response neither sets nor removes. */
export function missingLines(lines: readonly string[], ours: readonly string[]): readonly string[] {
  if (ours.every(line => lines.includes(line))) return []
  const keyOf = (line: string) => `${nameAndValue(line)[0]};${jarOfLine(line)}`
  const set = new Set(lines.map(keyOf))
  return ours.filter(line => !set.has(keyOf(line)))
}

function isSameJar(line: string, { domain = '', path }: ResolvedCookie): boolean {
  return jarOfLine(line) === jarOf(domain, path)
}

function jarOfLine(line: string): string {
  return jarOf(attribute(line, 'domain'), attribute(line, 'path') || '/')
}

/** Domain and path identify a cookie, together with its name (RFC 6265bis, 5.7). */
function jarOf(domain: string, path: string): string {
  return `${domain.replace(/^\./, '').toLowerCase()};${path}`
}

function attribute(line: string, name: string): string {
  return new RegExp(`;\\s*${name}=([^;]*)`, 'i').exec(line)?.[1]?.trim() ?? ''
}

function nameAndValue(line: string): [name: string, value: string] {
  const pair = line.split(';', 1)[0]!
  const at = pair.indexOf('=')
  return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
}
