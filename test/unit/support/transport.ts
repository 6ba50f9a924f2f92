import { parse } from 'cookie-es'
import type { Transport, WriteRefusal } from '../../../src/runtime/core/session/transport'
import type { EntryOwner, ResponseCache } from '../../../src/runtime/core/session/cached-routes/response-cache'
import { ByName } from '../../../src/runtime/core/session/state'

/** A test's settings for a request and its response. */
export interface FakeRequest {
  headers?: Record<string, string>
  /** The `Cookie` header; a browser fills it from its jar. */
  cookie?: string
  isSecure?: boolean
  /** Headers by which the cached route varies; unset: the route is not cached. */
  cachedBy?: string[]
  writeRefusal?: WriteRefusal
  /** Set-Cookie lines that the app set before. */
  lines?: string[]
}

/** A request and its response without a server. The written headers can be read. */
export class FakeTransport implements Transport {
  readonly sessions: Transport['sessions'] = Object.create(null)
  readonly states: Transport['states'] = new ByName()
  readonly responseHeaders: Record<string, string> = {}
  readonly vary: string[] = []
  isUncacheable = false
  clearsBrowserCache = false
  cache: FakeCache | undefined
  refusal: WriteRefusal | undefined
  /** How many times the Set-Cookie lines were written. */
  writes = 0
  #lines: string[]

  constructor(private readonly request: FakeRequest = {}) {
    this.refusal = request.writeRefusal
    this.#lines = request.lines ?? []
  }

  requestHeader = (name: string) => name === 'cookie' ? this.request.cookie : this.request.headers?.[name]
  requestCookies = () => parse(this.request.cookie ?? '') as Record<string, string>
  isSecure = () => this.request.isSecure ?? false
  address = (source: 'socket' | 'forwarded') => source === 'socket' ? '192.0.2.1' : this.request.headers?.['x-forwarded-for']
  caches = (): readonly ResponseCache[] => this.request.cachedBy ? [this.cache ??= new FakeCache(this, this.request.cachedBy)] : []

  writeRefusal = () => this.refusal
  setCookies = () => [...this.#lines]
  replaceSetCookies = (lines: string[]) => {
    this.writes++
    this.#lines = lines
  }

  setHeader = (name: string, value: string | undefined) => {
    if (value === undefined) Reflect.deleteProperty(this.responseHeaders, name)
    else this.responseHeaders[name] = value
  }

  markPrivate = (vary: readonly string[]) => {
    this.vary.push(...vary)
  }

  markUncacheable = () => {
    this.isUncacheable = true
  }

  clearBrowserCache = () => {
    this.clearsBrowserCache = true
  }
}

/** The cache of a handler that varies by headers. */
class FakeCache implements ResponseCache {
  readonly checked = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()
  /** The checks of its key. */
  readonly asked: [header: string, value: string][] = []
  isForbidden = false

  constructor(readonly incoming: Transport, private readonly varies: readonly string[]) {}

  isSameEntry = async (header: string, value: string) => {
    this.asked.push([header, value])
    return !this.varies.includes(header)
  }

  vary = () => {}
  addOwner = () => {}
  forbid = () => { this.isForbidden = true }
}
