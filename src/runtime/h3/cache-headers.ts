import type { ServerResponse } from 'node:http'
import { completeVary, stricterCacheControl } from './cache-values'
import type { CacheDirective } from './cache-values'
import { isServersOwn } from './event'

const POLICY = Symbol.for('nuxt-h3-session.cache-policy')

/** What a response that carries a session says to caches. */
class CachePolicy {
  /** The request headers on which the response depends. */
  declare vary: readonly string[]
  declare isUncacheable: boolean
  /** What the response's own methods were. */
  declare writeHead: Method | undefined
  declare write: Method | undefined
  declare end: Method | undefined

  constructor() {
    this.vary = NO_NAMES
    this.isUncacheable = false
    this.writeHead = undefined
    this.write = undefined
    this.end = undefined
  }
}

type Method = (...args: unknown[]) => unknown
type MethodName = 'writeHead' | 'write' | 'end'

const NO_NAMES: readonly string[] = []

type Response = ServerResponse & { [POLICY]?: CachePolicy }

/** The response is for this visitor, and depends on these request headers (RFC 9111, 5.2.2.7 and 4.1). */
export function restrictToVisitor(response: Response, vary: readonly string[]): void {
  const policy = policyOf(response)
  if (policy.vary.length === 0) policy.vary = vary
  else if (policy.vary !== vary) policy.vary = [...new Set([...policy.vary, ...vary])]
  apply(response, policy)
}

/** The response sets a session's cookie: no cache may keep it. */
export function forbidCaching(response: Response): void {
  const policy = policyOf(response)
  policy.isUncacheable = true
  apply(response, policy)
}

/** The entry of a cached handler that keeps visitors apart; caches in front of the server must do the same. */
export function varyEntry(entry: Response, vary: readonly string[]): void {
  if (vary.length > 0) appendVary(entry, vary)
}

/** No cached handler keeps the entry. */
export function forbidEntry(entry: Response): void {
  restrictCaching(entry, 'no-store')
}

/** Whatever the app, or its error handler, sets later: the policy holds when the headers go out. */
function policyOf(response: Response): CachePolicy {
  if (response[POLICY]) return response[POLICY]
  const policy = response[POLICY] = new CachePolicy()
  guard(response, 'writeHead', policy)
  // Responses that are no server's own, such as workers', are read without a call of writeHead.
  if (!isServersOwn(response)) {
    guard(response, 'write', policy)
    guard(response, 'end', policy)
    guardStream(response, policy)
  }
  return policy
}

// One function for all responses: of one a response, V8 would compile the same again and again.
const GUARDS = { writeHead: guarded('writeHead'), write: guarded('write'), end: guarded('end') }

function guard(response: Response, method: MethodName, policy: CachePolicy): void {
  const own = response[method] as Method
  if (own !== GUARDS[method]) policy[method] = own
  response[method] = GUARDS[method] as never
}

function guarded(method: MethodName): Method {
  return function (this: Response, ...args: unknown[]): unknown {
    const policy = this[POLICY]
    if (policy && !this.headersSent) {
      if (method === 'writeHead' && args.length > 1) takeHeaders(this, args)
      apply(this, policy)
    }
    // A response may have borrowed the guard of another one.
    const original = policy?.[method] ?? Object.getPrototypeOf(this)[method] as Method
    return original.apply(this, args)
  }
}

/** h3 does not write a stream there; it leaves it in a property. */
function guardStream(response: Response & { _data?: unknown }, policy: CachePolicy): void {
  let data = response._data
  Object.defineProperty(response, '_data', {
    configurable: true,
    get: () => data,
    set(value: unknown) {
      if (!response.headersSent) apply(response, policy)
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

function apply(response: Response, { vary, isUncacheable }: CachePolicy): void {
  if (vary.length > 0) appendVary(response, vary)
  restrictCaching(response, isUncacheable ? 'no-store' : 'private, no-cache')
}

/** Adds what is missing to the `Vary` header. */
function appendVary(response: Response, names: readonly string[]): void {
  const value = response.getHeader('vary')
  const line = completeVary(Array.isArray(value) ? value.join(', ') : value?.toString(), names)
  if (line !== undefined) response.setHeader('vary', line)
}

function restrictCaching(response: Response, directive: CacheDirective): void {
  const current = response.getHeader('cache-control')
  const line = stricterCacheControl(current === undefined ? undefined : String(current), directive)
  if (line !== undefined) response.setHeader('cache-control', line)
}
