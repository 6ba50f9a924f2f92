import { cookieBytes, renderCookies } from '../cookie/cookies'
import type { ResolvedCookie } from '../config/types'
import type { SessionContext, SessionEnvironment } from './context'
import type { CountBytes } from './cookie-budget'
import { MAX_COOKIE_BYTES } from '../config/cookie'
import { SessionError } from '../model/errors'
import { cookieEnd } from '../model/lifetimes'
import { loadOnce } from '../utils/lazily'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { Transport } from './transport'

/** Most browsers have few cookies. Their requests do not load the code that adds up sessions. */
const loadBudget = loadOnce(() => import('./cookie-budget'))

const REFUSALS = {
  'readonly': ['SESSION_READONLY', 'a session cannot be written without a response for its cookie. Write it in an HTTP route.'],
  'headers-sent': ['SESSION_HEADERS_SENT', 'the response\'s headers were sent before this write. Write the session before the first byte of the body.'],
  'prerender': ['SESSION_CACHED_ROUTE', 'a session was written during prerendering. A prerendered page is the same for all visitors. Write it in a route that is not prerendered.'],
} as const

/** Sends a token with the response; `undefined` removes the session's cookies. @throws SESSION_TOO_LARGE */
export function send(context: SessionContext, token: string | undefined): MaybePromise<void> {
  const { transport, config } = context
  assertCanSend(context)
  return andThen(config.cookie === false ? undefined : sendCookies(context, config.cookie, token), () => {
    if (transport.writeRefusal() !== undefined) return
    setSentHeader(context, token ?? '')
    for (const cache of transport.caches()) cache.forbid()
    if (config.cacheHeaders) transport.markUncacheable()
  })
}

/** Sends the session header to clients that sent it. */
export function setSentHeader({ transport, config, state }: SessionContext, header: string | undefined): void {
  if (state.transport !== 'header' || config.sessionHeader === false) return
  state.sentHeader = header
  transport.setHeader(config.sessionHeader, header)
}

function sendCookies(context: SessionContext, cookie: ResolvedCookie, token: string | undefined): MaybePromise<void> {
  const { transport } = context
  const lines = cookieLines(context, cookie, token)
  // An upper limit that counts all cookies. If it fits, the exact size is not needed.
  let most = transport.requestHeader('cookie')?.length ?? 0
  for (const { length } of lines) most += length
  if (token === undefined || most <= Math.min(MAX_COOKIE_BYTES, cookie.maxBytes)) return transport.replaceSetCookies(lines)
  return andThen(loadBudget(), ({ sendWithinBudget }) => sendWithinBudget(context, cookie, names => putCookies(context, cookie, token, names)))
}

/**
 * Sends cookies if they fit beside those of the sessions with these names, and returns what counts the bytes of sessions.
 * Synchronous, because parallel writes change the same lines.
 */
function putCookies(context: SessionContext, cookie: ResolvedCookie, token: string, names: readonly string[]): CountBytes {
  assertCanSend(context)
  const { transport } = context
  const lines = cookieLines(context, cookie, token)
  const bytesOf: CountBytes = counted => cookieBytes(counted, transport.requestCookies(), lines)
  if (bytesOf(names) <= cookie.maxBytes) transport.replaceSetCookies(lines)
  return bytesOf
}

function cookieLines({ env, transport, config, state }: SessionContext, cookie: ResolvedCookie, token: string | undefined): string[] {
  const { createdAt, maxAge, idleTimeout } = state.record
  const now = env.now()
  return renderCookies({
    name: config.name,
    token,
    cookie,
    secure: isSecureCookie(env, transport, cookie),
    // Not the record's `lastSeenAt`: the response that updated it may be lost.
    end: cookieEnd({ createdAt, maxAge, idleTimeout, lastSeenAt: now }, config, now),
    now,
    requestCookies: transport.requestCookies(),
    sharedWith: config.sharedWith,
    lines: transport.setCookies(),
  })
}

/** Whether a cookie is Secure: in development over plain HTTP, Safari would drop it. */
export function isSecureCookie({ isDevelopment }: Pick<SessionEnvironment, 'isDevelopment'>, transport: Pick<Transport, 'isSecure'>, { secure }: Pick<ResolvedCookie, 'secure'>): boolean {
  return secure === 'auto' ? !isDevelopment || transport.isSecure() : secure
}

/** @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE if the response cannot carry a token */
export function assertCanSend({ transport, config, state }: SessionContext): void {
  const refusal = transport.writeRefusal()
  if (refusal === undefined) return
  // Without a cookie and a session header, nothing has to be sent.
  if (refusal === 'headers-sent' && config.cookie === false && state.transport !== 'header') return
  const [code, message] = REFUSALS[refusal]
  throw new SessionError(code, message)
}
