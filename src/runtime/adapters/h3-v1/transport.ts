import { parse } from 'cookie-es'
import type { H3Event } from 'h3'
import type { Transport, WriteRefusal } from '../../core/session/transport'
import { missingLines } from '../../core/cookie/cookies'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { ByName } from '../../core/session/state'
import { firstForwarded, hasResponse, isNodeResponse, socketHeader } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import type { EventTransport } from '../shared/host'
import { clearBrowserCache, forbidCaching, keepCookies, keptCookies, restrictToVisitor, setCookiesOf } from './response-guard'

const NO_CACHES: readonly ResponseCache[] = []
/** Key of an event's session states in its context. */
export const STATES = Symbol.for('nuxt-h3-session.states')

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
  declare readonly answered: SessionEvent
  declare private readonly context: Record<string | symbol, any> // eslint-disable-line @typescript-eslint/no-explicit-any -- as in h3
  declare private readonly route: RouteFacts
  declare private cookies: Record<string, string> | undefined

  constructor(event: SessionEvent, route: RouteFacts) {
    this.event = event
    this.answered = route.incoming?.answered ?? event
    // The web Request of an upgrade hook has no context.
    this.context = event.context ?? {}
    this.route = route
    this.caller = undefined
    this.cookies = undefined
  }

  get sessions(): Transport['sessions'] {
    return this.context.sessions ??= new ByName()
  }

  get states(): Transport['states'] {
    return this.context[STATES] ??= new ByName()
  }

  requestHeader(name: string): string | undefined {
    const { event } = this
    if (!('node' in event) || !event.node) return socketHeader(event, name)
    const { headers } = event.node.req
    return Object.hasOwn(headers, name) ? headers[name]?.toString() : undefined
  }

  requestCookies(): Record<string, string> {
    return this.cookies ??= parse(this.requestHeader('cookie') ?? '') as Record<string, string>
  }

  isSecure(): boolean {
    const forwarded = firstForwarded(this, 'x-forwarded-proto')
    if (forwarded) return forwarded === 'https'
    return hasResponse(this.event) && Boolean((this.event.node.req.socket as { encrypted?: boolean } | undefined)?.encrypted)
  }

  address(source: 'socket' | 'forwarded'): string | undefined {
    const forwarded = source === 'forwarded' ? firstForwarded(this, 'x-forwarded-for') : undefined
    return forwarded ?? (hasResponse(this.event) ? this.event.node.req.socket?.remoteAddress : undefined)
  }

  caches(): readonly ResponseCache[] {
    const { route, context } = this
    const mayBeCached = route.isIncremental || context.cache !== undefined || route.outer !== undefined
    return (mayBeCached && !route.isPrerendering && route.cachesOf?.(this, route)) || NO_CACHES
  }

  writeRefusal(): WriteRefusal | undefined {
    if (this.route.isPrerendering) return 'prerender'
    if (!hasResponse(this.event)) return 'readonly'
    const { res } = this.event.node
    // On Bun, Deno and workers, the response is read after the handler has ended, and then destroyed.
    const isSent = res.headersSent || (res.destroyed && !isNodeResponse(res))
    // With `swr`, a cached handler runs while its stale response is sent.
    return isSent || this.route.incoming?.writeRefusal() ? 'headers-sent' : undefined
  }

  setCookies(): readonly string[] {
    if (!hasResponse(this.event)) return []
    const { res } = this.event.node
    const lines = setCookiesOf(res)
    const { incoming } = this.route
    if (incoming) return [...incoming.setCookies(), ...lines]
    const kept = keptCookies(res)
    const missing = kept.length > 0 ? missingLines(lines, kept) : kept
    return missing.length > 0 ? [...lines, ...missing] : lines
  }

  replaceSetCookies(lines: string[]): void {
    const { event, route: { incoming } } = this
    const { res } = (event as H3Event).node
    if (incoming) {
      res.removeHeader('set-cookie')
      return incoming.replaceSetCookies(lines)
    }
    const [before, ours] = [this.setCookies(), keptCookies(res)]
    // The lines of sessions, without the app's.
    keepCookies(res, before.length === 0 ? lines : lines.filter(line => ours.includes(line) || !before.includes(line)))
    // Like h3. A list of one would also cost Node a join.
    if (lines.length > 0) res.setHeader('set-cookie', lines.length === 1 ? lines[0]! : lines)
    else res.removeHeader('set-cookie')
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

  clearBrowserCache(): void {
    clearBrowserCache(this.sent)
  }

  /** The response that is sent. A cached handler has another one. Writes are refused for an event without a response. */
  private get sent(): H3Event['node']['res'] {
    return ((this.route.incoming ?? this).event as H3Event).node.res
  }
}
