import type { ServerResponse } from 'node:http'
import { missingLines } from '../../core/cookie/set-cookie'
import { appendVary, restrictCaching } from './cache-headers'
import { isNodeResponse } from '../shared/event'

const ANSWER = Symbol.for('nuxt-h3-session.answer')

const NO_NAMES: readonly string[] = []

/** What sessions add to a response, whatever the app, its error handler or a proxied response sets later. */
class SessionAnswer {
  /** The Set-Cookie lines of sessions. */
  declare cookies: readonly string[]
  /** The request headers on which the response depends. */
  declare vary: readonly string[]
  declare caching: 'private, no-cache' | 'no-store' | undefined
  /** What the response's own methods were. */
  declare writeHead: Method | undefined
  declare write: Method | undefined
  declare end: Method | undefined

  constructor() {
    this.cookies = NO_NAMES
    this.vary = NO_NAMES
    this.caching = undefined
    this.writeHead = undefined
    this.write = undefined
    this.end = undefined
  }
}

type Method = (...args: unknown[]) => unknown
type MethodName = 'writeHead' | 'write' | 'end'
type Response = ServerResponse & { [ANSWER]?: SessionAnswer }

/** The response is for this visitor, and depends on these request headers (RFC 9111, 5.2.2.7 and 4.1). */
export function restrictToVisitor(response: Response, vary: readonly string[]): void {
  const answer = answerOf(response)
  if (answer.vary.length === 0) answer.vary = vary
  else if (answer.vary !== vary) answer.vary = [...new Set([...answer.vary, ...vary])]
  answer.caching ??= 'private, no-cache'
  apply(response, answer)
}

/** The response sets a session's cookie: no cache may keep it. */
export function forbidCaching(response: Response): void {
  const answer = answerOf(response)
  answer.caching = 'no-store'
  apply(response, answer)
}

/** Sessions sent these cookies: they go out with the response. */
export function keepCookies(response: Response, lines: readonly string[]): void {
  answerOf(response).cookies = lines
}

/** The cookies that sessions sent with the response so far. */
export function keptCookies(response: Response): readonly string[] {
  return response[ANSWER]?.cookies ?? NO_NAMES
}

function answerOf(response: Response): SessionAnswer {
  if (response[ANSWER]) return response[ANSWER]
  const answer = response[ANSWER] = new SessionAnswer()
  guard(response, 'writeHead', answer)
  // Responses that are no server's own, such as workers', are read without a call of writeHead.
  if (!isNodeResponse(response)) {
    guard(response, 'write', answer)
    guard(response, 'end', answer)
    guardStream(response, answer)
  }
  return answer
}

// One function for all responses: of one a response, V8 would compile the same again and again.
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
    // A response may have borrowed the guard of another one.
    const original = answer?.[method] ?? Object.getPrototypeOf(this)[method] as Method
    return original.apply(this, args)
  }
}

/** h3 does not write a stream there; it leaves it in a property. */
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

/** Headers that are given to `writeHead` would win over those that are set. */
function takeHeaders(response: Response, args: unknown[]): void {
  const index = args.findLastIndex(arg => typeof arg === 'object' && arg !== null)
  if (index === -1) return
  const [headers] = args.splice(index) as [object]
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) takeHeader(response, name, value as string)
    }
    return
  }
  const pairs = pairsOf(headers) as [name: string, value: string][]
  // What stands in a list twice is sent twice, in place of what was set.
  for (const [name] of pairs) {
    if (!isSetCookie(name)) response.removeHeader(name)
  }
  for (const [name, value] of pairs) response.appendHeader(name, value)
}

function takeHeader(response: Response, name: string, value: string | string[]): void {
  if (isSetCookie(name)) response.appendHeader(name, value)
  else response.setHeader(name, value)
}

/** The session's cookie was committed: others do not take its place. */
function isSetCookie(name: string): boolean {
  return name.toLowerCase() === 'set-cookie'
}

/** Node takes a list of pairs, and one of names and values by turns. */
function pairsOf(headers: unknown[]): unknown[][] {
  if (Array.isArray(headers[0])) return headers as unknown[][]
  return headers.flatMap((name, index) => index % 2 === 0 ? [[name, headers[index + 1]]] : [])
}

function apply(response: Response, { cookies, vary, caching }: SessionAnswer): void {
  if (cookies.length > 0) addMissing(response, cookies)
  if (vary.length > 0) appendVary(response, vary)
  if (caching !== undefined) restrictCaching(response, caching)
}

function addMissing(response: Response, cookies: readonly string[]): void {
  const missing = missingLines(setCookiesOf(response), cookies)
  if (missing.length > 0) response.appendHeader('set-cookie', missing)
}

/** The response's Set-Cookie lines. */
export function setCookiesOf(response: Response): readonly string[] {
  const lines = response.getHeader('set-cookie')
  return lines === undefined ? NO_NAMES : [lines].flat().map(String)
}
