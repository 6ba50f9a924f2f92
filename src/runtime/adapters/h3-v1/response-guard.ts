import type { ServerResponse } from 'node:http'
import { missingLines } from '../../core/cookie/cookies'
import { clearingCache, completeVary, stricterCacheControl } from '../shared/cache-values'
import type { CacheDirective } from '../shared/cache-values'
import { isNodeResponse } from '../shared/event'

const ANSWER = Symbol.for('nuxt-h3-session.answer')
const NO_NAMES: readonly string[] = []

type Method = (...args: unknown[]) => unknown
type MethodName = 'writeHead' | 'write' | 'end'
type Response = ServerResponse & { [ANSWER]?: SessionAnswer }

/** Session headers of a response. They stay if the app or its error handler changes headers later. */
class SessionAnswer {
  /** The Set-Cookie lines of sessions. */
  declare cookies: readonly string[]
  declare vary: readonly string[]
  declare caching: CacheDirective | undefined
  declare clearsCache: boolean
  /** The response's original methods. */
  declare writeHead: Method | undefined
  declare write: Method | undefined
  declare end: Method | undefined

  constructor() {
    this.clearsCache = false
    this.cookies = this.vary = NO_NAMES
    this.caching = this.writeHead = this.write = this.end = undefined
  }
}

/** Marks the response as private, and adds to its `Vary` (RFC 9111, 5.2.2.7 and 4.1). */
export function restrictToVisitor(response: Response, vary: readonly string[]): void {
  const answer = answerOf(response)
  if (answer.vary.length === 0) answer.vary = vary
  else if (answer.vary !== vary) answer.vary = [...new Set([...answer.vary, ...vary])]
  answer.caching ??= 'private, no-cache'
  apply(response, answer)
}

export function forbidCaching(response: Response): void {
  const answer = answerOf(response)
  answer.caching = 'no-store'
  apply(response, answer)
}

/** Removes this site's responses from the browser's caches (W3C Clear Site Data). */
export function clearBrowserCache(response: Response): void {
  const answer = answerOf(response)
  answer.clearsCache = true
  apply(response, answer)
}

export function keepCookies(response: Response, lines: readonly string[]): void {
  answerOf(response).cookies = lines
}

export function keptCookies(response: Response): readonly string[] {
  return response[ANSWER]?.cookies ?? NO_NAMES
}

function answerOf(response: Response): SessionAnswer {
  if (response[ANSWER]) return response[ANSWER]
  const answer = response[ANSWER] = new SessionAnswer()
  guard(response, 'writeHead', answer)
  // Without Node's server, such as in workers, the response is read without a call of writeHead.
  if (!isNodeResponse(response)) {
    guard(response, 'write', answer)
    guard(response, 'end', answer)
    guardStream(response, answer)
  }
  return answer
}

// The same functions for all responses: V8 would compile new ones for each response.
const GUARDS = { writeHead: guarded('writeHead'), write: guarded('write'), end: guarded('end') }

function guard(response: Response, method: MethodName, answer: SessionAnswer): void {
  const own = response[method] as Method
  if (own !== GUARDS[method]) answer[method] = own
  response[method] = GUARDS[method] as never
}

function guarded(method: MethodName): Method {
  return function (this: Response, ...args: unknown[]): unknown {
    const answer = this[ANSWER]
    if (answer && !this.headersSent) {
      if (method === 'writeHead' && args.length > 1) takeHeaders(this, args)
      apply(this, answer)
    }
    // The guards may be copied from another response; this one has no session headers then.
    const original = answer?.[method] ?? Object.getPrototypeOf(this)[method] as Method
    return original.apply(this, args)
  }
}

/** Without Node's server, h3 sets a stream as a property. */
function guardStream(response: Response & { _data?: unknown }, answer: SessionAnswer): void {
  let data = response._data
  Object.defineProperty(response, '_data', {
    configurable: true,
    get: () => data,
    set(value: unknown) {
      if (!response.headersSent) apply(response, answer)
      data = value
    },
  })
}

/** Sets the headers from the arguments of `writeHead`, which would override the session's headers. */
function takeHeaders(response: Response, args: unknown[]): void {
  const index = args.findLastIndex(arg => typeof arg === 'object' && arg !== null)
  if (index === -1) return
  const [headers] = args.splice(index) as [object]
  const isList = Array.isArray(headers)
  const pairs = isList ? pairsOf(headers) : Object.entries(headers).filter(([, value]) => value !== undefined)
  const isSetCookie = (name: string) => name.toLowerCase() === 'set-cookie'
  // A list may contain a header twice. Both replace the earlier value. Other cookies must not replace the session's.
  if (isList) for (const [name] of pairs) if (!isSetCookie(name)) response.removeHeader(name)
  for (const [name, value] of pairs) {
    if (isList || isSetCookie(name)) response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
}

/** Node accepts a list of pairs, or of alternating names and values. */
function pairsOf(headers: unknown[]): [name: string, value: string][] {
  if (Array.isArray(headers[0])) return headers as [string, string][]
  return headers.flatMap((name, index) => index % 2 === 0 ? [[name as string, headers[index + 1] as string]] : [])
}

function apply(response: Response, { cookies, vary, caching, clearsCache }: SessionAnswer): void {
  const missing = cookies.length > 0 ? missingLines(setCookiesOf(response), cookies) : NO_NAMES
  if (missing.length > 0) response.appendHeader('set-cookie', missing)
  if (vary.length > 0) appendVary(response, vary)
  if (caching !== undefined) restrictCaching(response, caching)
  const clearing = clearsCache ? clearingCache(response.getHeader('clear-site-data')?.toString()) : undefined
  if (clearing !== undefined) response.setHeader('clear-site-data', clearing)
}

export function setCookiesOf(response: Response): readonly string[] {
  const lines = response.getHeader('set-cookie')
  return lines === undefined ? NO_NAMES : [lines].flat().map(String)
}

export function appendVary(response: ServerResponse, names: readonly string[]): void {
  const value = response.getHeader('vary')
  const line = completeVary(Array.isArray(value) ? value.join(', ') : value?.toString(), names)
  if (line !== undefined) response.setHeader('vary', line)
}

/** Sets `Cache-Control`, unless the app's value is at least as strict. */
export function restrictCaching(response: ServerResponse, directive: CacheDirective): void {
  const line = stricterCacheControl(response.getHeader('cache-control')?.toString(), directive)
  if (line !== undefined) response.setHeader('cache-control', line)
}
