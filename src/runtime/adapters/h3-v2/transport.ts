import { parse } from 'cookie-es'
import { missingLines } from '../../core/cookie/cookies'
import { SHARED_CACHE } from '../../core/session/cached-routes/response-cache'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { ByName } from '../../core/session/state'
import type { Transport, WriteRefusal } from '../../core/session/transport'
import { firstForwarded, socketHeader } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import type { EventTransport } from '../shared/host'
import { CACHE_RULE, exchangeOf, isCacheable, isNarrowed, isNextEvent } from './event'
import type { Exchange, NextContext } from './event'
import { HandlerCache } from './handler-cache'

const TRANSPORT = Symbol.for('nuxt-h3-session.transport')
const NO_CACHES: readonly ResponseCache[] = []

/** The transport of an h3 2 event or a socket. */
export class NextTransport implements EventTransport {
  declare caller: string | undefined
  declare readonly event: SessionEvent
  declare readonly answered: SessionEvent
  declare readonly states: Transport['states']
  /** Unset on a socket, where writes are refused. */
  declare private readonly exchange: Exchange | undefined
  declare private readonly context: NextContext
  declare private readonly isBuild: boolean
  declare private cookies: { of: string, values: Record<string, string> } | undefined

  constructor(event: SessionEvent, isPrerendering: boolean) {
    this.event = event
    this.exchange = isNextEvent(event) ? exchangeOf(event) : undefined
    this.answered = (this.exchange?.event ?? event) as SessionEvent
    this.states = this.exchange?.states ?? new ByName()
    // The web Request of an upgrade hook may have no context.
    this.context = (event.context ?? {}) as NextContext
    this.isBuild = isPrerendering
    this.caller = undefined
    this.cookies = undefined
  }

  get sessions(): Transport['sessions'] {
    return (this.context.sessions ??= new ByName()) as Transport['sessions']
  }

  requestHeader(name: string): string | undefined {
    const { event } = this
    return isNextEvent(event) ? event.req.headers.get(name) ?? undefined : socketHeader(event, name)
  }

  requestCookies(): Record<string, string> {
    // Inside a cached handler, the request has fewer cookies than before it.
    const header = this.requestHeader('cookie') ?? ''
    if (this.cookies?.of !== header) this.cookies = { of: header, values: parse(header) as Record<string, string> }
    return this.cookies.values
  }

  isSecure(): boolean {
    const forwarded = firstForwarded(this, 'x-forwarded-proto')
    if (forwarded) return forwarded === 'https'
    return this.exchange?.event.url.protocol === 'https:'
  }

  address(source: 'socket' | 'forwarded'): string | undefined {
    const forwarded = source === 'forwarded' ? firstForwarded(this, 'x-forwarded-for') : undefined
    return forwarded ?? this.exchange?.request.ip
  }

  caches(): readonly ResponseCache[] {
    const outer = nextOuterEvent(this.event)
    const own = this.isBuild ? undefined : this.ownCache()
    if (!outer) return own ? [own] : NO_CACHES
    // The response to an inner request becomes part of the outer one.
    return [...own ? [own] : [], ...nextTransportOf(outer, this.isBuild).caches()]
  }

  writeRefusal(): WriteRefusal | undefined {
    if (this.isBuild) return 'prerender'
    if (!this.exchange) return 'readonly'
    const { isSent, request } = this.exchange
    // The app may send Node's response without h3.
    return isSent || request.runtime?.node?.res?.headersSent ? 'headers-sent' : undefined
  }

  setCookies(): readonly string[] {
    if (!this.exchange) return []
    const { answer, event } = this.exchange
    const lines = event.res.headers.getSetCookie()
    return [...lines, ...missingLines(lines, answer.cookies)]
  }

  replaceSetCookies(lines: string[]): void {
    const { answer, event } = this.exchange!
    const before = this.setCookies()
    const ours = lines.filter(line => answer.cookies.includes(line) || !before.includes(line))
    const atErrors = event.res.errHeaders.getSetCookie().filter(line => !answer.cookies.includes(line))
    replaceLines(event.res.headers, lines)
    replaceLines(event.res.errHeaders, [...atErrors, ...ours])
    answer.cookies = ours
  }

  setHeader(name: string, value: string | undefined): void {
    const { answer, event: { res } } = this.exchange!
    for (const headers of [answer.headers, res.headers, res.errHeaders]) {
      if (value === undefined) headers.delete(name)
      else headers.set(name, value)
    }
  }

  markPrivate(vary: readonly string[]): void {
    if (this.writeRefusal() !== undefined) return
    const { answer } = this.exchange!
    if (answer.vary !== vary) answer.vary = answer.vary.length === 0 ? vary : [...new Set([...answer.vary, ...vary])]
    answer.caching ??= 'private, no-cache'
  }

  markUncacheable(): void {
    this.exchange!.answer.caching = 'no-store'
  }

  clearBrowserCache(): void {
    this.exchange!.answer.clearsCache = true
  }

  private ownCache(): ResponseCache | undefined {
    const { event, exchange } = this
    if (!exchange || !isNextEvent(event)) return undefined
    const { isr, cache } = this.context.routeRules ?? {}
    if (isr) return SHARED_CACHE
    const rule = cache && !cache.headersOnly && isCacheable(exchange.request) ? cache : undefined
    if (!rule && !isNarrowed(event, exchange)) return undefined
    if (exchange.filled?.of !== event.req)
      exchange.filled = { of: event.req, cache: new HandlerCache(event, exchange, rule ?? event.req[CACHE_RULE]) }
    return exchange.filled.cache
  }
}

export function nextTransportOf(event: SessionEvent, isPrerendering: boolean): NextTransport {
  const holder = event as { [TRANSPORT]?: NextTransport }
  return holder[TRANSPORT] ??= new NextTransport(event, isPrerendering)
}

export function nextOuterEvent(event: SessionEvent): SessionEvent | undefined {
  return isNextEvent(event) ? exchangeOf(event).outer?.event as SessionEvent | undefined : undefined
}

function replaceLines(headers: Headers, lines: readonly string[]): void {
  headers.delete('set-cookie')
  for (const line of lines) headers.append('set-cookie', line)
}
