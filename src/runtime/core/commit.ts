import { MAX_COOKIE_BYTES } from './cookie-rules'
import { assertTokenFits, cookieBytes, renderCookies, tooLarge } from './cookies'
import type { SessionContext } from './context'
import { SessionError } from './errors'
import { cookieEnd } from './expiry'
import { sealSession } from './seal'
import { assertSerializable } from './serializable'

const REFUSALS = {
  'readonly': ['SESSION_READONLY', 'a session cannot be written where no response carries its cookie. Write it in an HTTP route.'],
  'headers-sent': ['SESSION_HEADERS_SENT', 'the response\'s headers went out before this write. Write the session before the first byte of the body.'],
  'prerender': ['SESSION_CACHED_ROUTE', 'a session was written while prerendering, where one page is made for all visitors. Write it in a route that is not prerendered.'],
} as const

/**
 * Makes the session durable: seals it into the response. Nothing is changed where it throws.
 *
 * @throws SESSION_NOT_SERIALIZABLE, SESSION_TOO_LARGE, SESSION_HEADERS_SENT
 */
export async function commit(context: SessionContext): Promise<void> {
  const { env, config, state } = context
  if (state.isCleared) {
    send(context, undefined)
    return
  }
  const { record } = state
  record.name = config.name
  if (config.idleTimeout !== undefined) record.lastSeenAt = env.now()
  assertSerializable(record.data, 'data')
  if (record.flash) assertSerializable(record.flash, 'flash')
  const token = await sealSession(record, config, env.now())
  assertWritable(context)
  assertTokenFits(config.name, token)
  send(context, token)
  state.isCommitted = true
}

/** @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE */
export function assertWritable({ carrier, config, state }: SessionContext): void {
  const refusal = carrier.writeRefusal()
  if (refusal === undefined) return
  // With no cookie and no header to answer with, a late write needs no response.
  if (refusal === 'headers-sent' && config.cookie === false && state.origin !== 'header') return
  const [code, message] = REFUSALS[refusal]
  throw new SessionError(code, message)
}

function send(context: SessionContext, token: string | undefined): void {
  const { carrier, config, state } = context
  if (config.cookie !== false) sendCookies(context, config.cookie, token)
  if (state.origin === 'header' && config.sessionHeader !== false) carrier.setHeader(config.sessionHeader, token ?? '')
  if (config.cacheHeaders) carrier.markUncacheable()
}

function sendCookies({ env, carrier, config, state, names }: SessionContext, cookie: Exclude<SessionContext['config']['cookie'], false>, token: string | undefined): void {
  const now = env.now()
  const requestCookies = carrier.requestCookies()
  const isExempt = env.isDevelopment && !carrier.isSecure()
  const lines = renderCookies({
    name: config.name,
    token,
    cookie,
    secure: cookie.secure === 'auto' ? !isExempt : cookie.secure,
    end: cookieEnd(state.record, config, now),
    now,
    requestCookies,
    sharedWith: config.sharedWith,
    lines: carrier.setCookies(),
  })
  const bytes = token === undefined ? 0 : cookieBytes([config.name, ...names], requestCookies, lines)
  if (bytes > cookie.maxBytes)
    throw tooLarge(config.name, `the sessions' cookies would take ${bytes} bytes, cookie.maxBytes allows ${cookie.maxBytes}`)
  if (bytes > MAX_COOKIE_BYTES && env.isDevelopment)
    env.warnOnce(`The cookies of the session "${config.name}" take more than ${MAX_COOKIE_BYTES} bytes; cookie.maxBytes allows ${cookie.maxBytes}.`)
  carrier.replaceSetCookies(lines)
}
