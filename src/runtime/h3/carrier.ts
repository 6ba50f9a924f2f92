import { parse } from 'cookie-es'
import type { Carrier, WriteRefusal } from '../core/carrier'
import type { SessionState } from '../core/state'
import { appendVary, restrictCaching } from './cache-headers'
import { hasResponse } from './event'
import type { SessionEvent } from './event'

const NO_LINES: readonly string[] = []
const STATES = Symbol.for('nuxt-h3-session.states')

/** How the surroundings see the route of a request. */
export interface RouteFacts {
  isPrerendering: boolean
  /** Whether a route rule hands the response to a cache that knows no cookies. */
  isIncremental: boolean
}

/**
 * An object without a prototype, as h3 makes it with `Object.create(null)`, which V8 would keep as a hash table.
 */
const Sessions = (() => {
  function Sessions() {}
  Sessions.prototype = Object.create(null)
  return Sessions as unknown as new () => Carrier['sessions']
})()

/** Reads a session from an h3 v1 event, or from what h3 accepts in its place, and writes it into the response. */
export class H3Carrier implements Carrier {
  /** The stack of the first call for this event; in development only. */
  declare caller: string | undefined
  declare readonly event: SessionEvent
  declare private readonly route: RouteFacts
  declare private cookies: Record<string, string> | undefined

  constructor(event: SessionEvent, route: RouteFacts) {
    this.event = event
    this.route = route
    this.caller = undefined
    this.cookies = undefined
  }

  get sessions(): Carrier['sessions'] {
    return this.event.context.sessions ??= new Sessions()
  }

  get states(): Map<string, SessionState> {
    return this.event.context[STATES] ??= new Map()
  }

  requestHeader(name: string): string | undefined {
    const { event } = this
    if ('node' in event && event.node) return event.node.req.headers[name]?.toString()
    return headersOf(event)?.get(name) ?? undefined
  }

  requestCookies(): Record<string, string> {
    return this.cookies ??= parse(this.requestHeader('cookie') ?? '') as Record<string, string>
  }

  isSecure(): boolean {
    const forwarded = this.requestHeader('x-forwarded-proto')?.split(',', 1)[0]?.trim()
    if (forwarded) return forwarded === 'https'
    return hasResponse(this.event) && Boolean((this.event.node.req.socket as { encrypted?: boolean } | undefined)?.encrypted)
  }

  address(source: 'socket' | 'forwarded'): string | undefined {
    const forwarded = source === 'forwarded' ? this.requestHeader('x-forwarded-for')?.split(',', 1)[0]?.trim() : undefined
    return forwarded || (hasResponse(this.event) ? this.event.node.req.socket?.remoteAddress : undefined)
  }

  isPrefetch(): boolean {
    return /\bprefetch\b/.test(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => this.requestHeader(name) ?? '').join(' '))
  }

  isShared(header: string): boolean {
    if (this.route.isIncremental) return true
    const cache: { options?: { varies?: unknown[] } } | undefined = this.event.context.cache
    return cache !== undefined && !cache.options?.varies?.some(name => String(name).toLowerCase() === header)
  }

  isPrerendering(): boolean {
    return this.route.isPrerendering
  }

  writeRefusal(): WriteRefusal | undefined {
    if (this.route.isPrerendering) return 'prerender'
    if (!hasResponse(this.event)) return 'readonly'
    return this.event.node.res.headersSent ? 'headers-sent' : undefined
  }

  setCookies(): readonly string[] {
    const lines = hasResponse(this.event) ? this.event.node.res.getHeader('set-cookie') : undefined
    return lines === undefined ? NO_LINES : [lines].flat().map(String)
  }

  replaceSetCookies(lines: string[]): void {
    if (lines.length > 0) this.response.setHeader('set-cookie', lines)
    else this.response.removeHeader('set-cookie')
  }

  setHeader(name: string, value: string | undefined): void {
    if (value === undefined) this.response.removeHeader(name)
    else this.response.setHeader(name, value)
  }

  markPrivate(vary: readonly string[]): void {
    // A cached handler that varies by the session's carrier may be cached: it keeps visitors apart.
    if (this.writeRefusal() !== undefined || this.event.context.cache) return
    appendVary(this.response, vary)
    restrictCaching(this.response, 'private, no-cache')
  }

  markUncacheable(): void {
    restrictCaching(this.response, 'no-store')
  }

  private get response() {
    if (!hasResponse(this.event)) throw new TypeError('This event has no response.')
    return this.event.node.res
  }
}

function headersOf(event: SessionEvent): Headers | undefined {
  if ('request' in event && event.request) return event.request.headers
  return 'headers' in event ? event.headers : undefined
}
