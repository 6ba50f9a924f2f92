import { parse } from 'cookie-es'
import type { H3Event } from 'h3'
import type { Transport, WriteRefusal } from '../../core/session/transport'
import { missingLines } from '../../core/cookie/cookies'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { ByName } from '../../core/session/state'
import { areHeadersSent, hasResponse, firstForwarded, headersOfSocket, isPrefetchRequest } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import type { EventTransport } from '../shared/host'
import { forbidCaching, keepCookies, keptCookies, restrictToVisitor, setCookiesOf } from './response-guard'

const NO_LINES: readonly string[] = []
const NO_CACHES: readonly ResponseCache[] = []
/** Key of an event's session states in its context. */
export const STATES = Symbol.for('nuxt-h3-session.states')

/** Facts about the route of a request. */
export interface RouteFacts {
  isPrerendering: boolean
  /** Whether the route has an `isr` rule, whose cache ignores cookies. */
  isIncremental: boolean
  /** The outer request's transport, if this is an inner request. */
  outer?: Pick<Transport, 'caches'>
  /** The transport of the request's own event, if this is the event of a cached handler. */
  incoming?: H3Transport
  /** Returns the caches. Called only if a route rule, a cached handler or an outer request may have some. */
  cachesOf?: (transport: H3Transport, route: RouteFacts) => readonly ResponseCache[]
}

/** The transport of an h3 v1 event, or of an object that h3 accepts in its place. */
export class H3Transport implements EventTransport {
  declare caller: string | undefined
  declare readonly event: SessionEvent
  declare private readonly context: Record<string | symbol, any> // eslint-disable-line @typescript-eslint/no-explicit-any -- as in h3
  declare private readonly route: RouteFacts
  declare private cookies: Record<string, string> | undefined

  constructor(event: SessionEvent, route: RouteFacts) {
    this.event = event
    // The web Request of an upgrade hook has no context.
    this.context = event.context ?? {}
    this.route = route
    this.caller = undefined
    this.cookies = undefined
  }

  get answered(): SessionEvent {
    return this.event
  }

  get sessions(): Transport['sessions'] {
    return this.context.sessions ??= new ByName()
  }

  get states(): Transport['states'] {
    return this.context[STATES] ??= new ByName()
  }

  requestHeader(name: string): string | undefined {
    const { event } = this
    if ('node' in event && event.node) return ownHeader(event.node.req.headers, name)
    return headersOfSocket(event)?.get(name) ?? undefined
  }

  requestCookies(): Record<string, string> {
    return this.cookies ??= parse(this.requestHeader('cookie') ?? '') as Record<string, string>
  }

  isSecure(): boolean {
    const forwarded = firstForwarded(this.requestHeader('x-forwarded-proto'))
    if (forwarded) return forwarded === 'https'
    return hasResponse(this.event) && Boolean((this.event.node.req.socket as { encrypted?: boolean } | undefined)?.encrypted)
  }

  address(source: 'socket' | 'forwarded'): string | undefined {
    const forwarded = source === 'forwarded' ? firstForwarded(this.requestHeader('x-forwarded-for')) : undefined
    return forwarded || (hasResponse(this.event) ? this.event.node.req.socket?.remoteAddress : undefined)
  }

  isPrefetch(): boolean {
    return isPrefetchRequest(name => this.requestHeader(name))
  }

  caches(): readonly ResponseCache[] {
    const { route, context } = this
    const mayBeCached = route.isIncremental || context.cache !== undefined || route.outer !== undefined
    return (mayBeCached && !route.isPrerendering && route.cachesOf?.(this, route)) || NO_CACHES
  }

  isPrerendering(): boolean {
    return this.route.isPrerendering
  }

  writeRefusal(): WriteRefusal | undefined {
    if (this.route.isPrerendering) return 'prerender'
    if (!hasResponse(this.event)) return 'readonly'
    // With `swr`, a cached handler runs while its stale response is sent.
    return areHeadersSent(this.event) || this.route.incoming?.writeRefusal() ? 'headers-sent' : undefined
  }

  setCookies(): readonly string[] {
    if (!hasResponse(this.event)) return NO_LINES
    const { res } = this.event.node
    const lines = setCookiesOf(res)
    const { incoming } = this.route
    if (incoming) return [...incoming.setCookies(), ...lines]
    const missing = missingLines(lines, keptCookies(res))
    return missing.length > 0 ? [...lines, ...missing] : lines
  }

  replaceSetCookies(lines: string[]): void {
    const { incoming } = this.route
    if (incoming) {
      this.response.removeHeader('set-cookie')
      return incoming.replaceSetCookies(lines)
    }
    keepCookies(this.response, this.ownLines(lines))
    // Like h3. A list of one would also cost Node a join.
    if (lines.length > 0) this.response.setHeader('set-cookie', lines.length === 1 ? lines[0]! : lines)
    else this.response.removeHeader('set-cookie')
  }

  setHeader(name: string, value: string | undefined): void {
    if (value === undefined) this.sent.removeHeader(name)
    else this.sent.setHeader(name, value)
  }

  markPrivate(vary: readonly string[]): void {
    if (this.writeRefusal() === undefined) restrictToVisitor(this.sent, vary)
  }

  markUncacheable(): void {
    forbidCaching(this.sent)
  }

  /** The response that is sent. A cached handler has another one. */
  private get sent(): H3Event['node']['res'] {
    return (this.route.incoming ?? this).response
  }

  /** The lines of sessions, without the app's. */
  private ownLines(lines: string[]): readonly string[] {
    const before = this.setCookies()
    if (before.length === 0) return lines
    const ours = keptCookies(this.response)
    return lines.filter(line => ours.includes(line) || !before.includes(line))
  }

  private get response() {
    if (!hasResponse(this.event)) throw new TypeError('This event has no response.')
    return this.event.node.res
  }
}

function ownHeader(headers: Record<string, string | string[] | undefined>, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? headers[name]?.toString() : undefined
}
