import { parse } from 'cookie-es'
import type { Carrier, WriteRefusal } from '../core/carrier'
import type { SessionState } from '../core/state'
import { appendVary, restrictCaching } from './cache-headers'
import { hasResponse } from './event'
import type { SessionEvent } from './event'

const STATES = Symbol.for('nuxt-h3-session.states')

/** How the surroundings see the route of a request. */
export interface RouteFacts {
  isPrerendering: boolean
  /** Whether a route rule hands the response to a cache that knows no cookies. */
  isIncremental: boolean
}

/** Reads a session from an h3 v1 event, or from what h3 accepts in its place, and writes it into the response. */
export class H3Carrier implements Carrier {
  /** The stack of the first call for this event; in development only. */
  caller: string | undefined

  #cookies: Record<string, string> | undefined

  constructor(readonly event: SessionEvent, private readonly route: RouteFacts) {}

  get sessions() {
    return this.event.context.sessions ??= Object.create(null)
  }

  get states(): Map<string, SessionState> {
    return this.event.context[STATES] ??= new Map()
  }

  readonly requestHeader = (name: string): string | undefined => {
    const { event } = this
    if ('node' in event && event.node) return event.node.req.headers[name]?.toString()
    return headersOf(event)?.get(name) ?? undefined
  }

  readonly requestCookies = () => this.#cookies ??= parse(this.requestHeader('cookie') ?? '') as Record<string, string>

  readonly isSecure = () => {
    const forwarded = this.requestHeader('x-forwarded-proto')?.split(',', 1)[0]?.trim()
    if (forwarded) return forwarded === 'https'
    return hasResponse(this.event) && Boolean((this.event.node.req.socket as { encrypted?: boolean } | undefined)?.encrypted)
  }

  readonly isPrefetch = () =>
    /\bprefetch\b/.test(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => this.requestHeader(name) ?? '').join(' '))

  readonly isShared = (headers: string[]) => {
    if (this.route.isIncremental) return true
    const cache: { options?: { varies?: unknown[] } } | undefined = this.event.context.cache
    if (!cache) return false
    const varies = new Set((cache.options?.varies ?? []).map(name => String(name).toLowerCase()))
    return !headers.every(name => varies.has(name))
  }

  readonly isPrerendering = () => this.route.isPrerendering

  readonly writeRefusal = (): WriteRefusal | undefined => {
    if (this.route.isPrerendering) return 'prerender'
    if (!hasResponse(this.event)) return 'readonly'
    return this.event.node.res.headersSent ? 'headers-sent' : undefined
  }

  readonly setCookies = () =>
    hasResponse(this.event) ? [this.event.node.res.getHeader('set-cookie') ?? []].flat().map(String) : []

  readonly replaceSetCookies = (lines: string[]) => {
    if (lines.length > 0) this.#response.setHeader('set-cookie', lines)
    else this.#response.removeHeader('set-cookie')
  }

  readonly setHeader = (name: string, value: string) => {
    this.#response.setHeader(name, value)
  }

  readonly markPrivate = (vary: string[]) => {
    // A cached handler that varies by the session's carrier may be cached: it keeps visitors apart.
    if (this.writeRefusal() !== undefined || this.event.context.cache) return
    appendVary(this.#response, vary)
    restrictCaching(this.#response, 'private, no-cache')
  }

  readonly markUncacheable = () => restrictCaching(this.#response, 'no-store')

  get #response() {
    if (!hasResponse(this.event)) throw new TypeError('This event has no response.')
    return this.event.node.res
  }
}

function headersOf(event: SessionEvent): Headers | undefined {
  if ('request' in event && event.request) return event.request.headers
  return 'headers' in event ? event.headers : undefined
}
