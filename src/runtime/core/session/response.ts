import { isChunkName, isToken, joinChunks } from '../cookie/chunks'
import type { ResolvedCookie } from '../config/types'
import type { SessionContext } from './context'
import { MAX_COOKIE_BYTES } from '../config/cookie-rules'
import { cookieBytes, renderCookies, restoreLines, tooLarge } from '../cookie/set-cookie'
import { SessionError } from '../model/errors'
import { cookieEnd } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { openToken } from './token'
import { assertCanSend } from './guards'

// Each may cost a MAC per password: enough for sessions that are named at the call only, too few for an attack.
const MAX_UNKNOWN_NAMES = 4

/**
 * Puts the session's seal into the response, or removes the session there.
 * @throws SESSION_TOO_LARGE
 */
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

/**
 * Takes back what {@link send} did for this session, if the response can still be changed; what others put into it
 * stays. `lines` and `answer` are what is there then; nothing, unless they are given.
 */
export function unsend(context: SessionContext, lines: readonly string[] = [], sentHeader?: string): void {
  const { transport, config } = context
  if (transport.writeRefusal() !== undefined) return
  if (config.cookie !== false) transport.replaceSetCookies(restoreLines(transport.setCookies(), lines, config.name, config.cookie))
  setSentHeader(context, sentHeader)
}

function setSentHeader({ transport, config, state }: SessionContext, sentHeader: string | undefined): void {
  if (state.origin !== 'header' || config.sessionHeader === false) return
  state.sentHeader = sentHeader
  transport.setHeader(config.sessionHeader, sentHeader)
}

function sendCookies(context: SessionContext, cookie: ResolvedCookie, token: string | undefined): MaybePromise<void> {
  const { transport } = context
  const lines = cookieLines(context, cookie, token)
  // Whichever of its cookies are sessions: they all fit.
  const most = bytesOfAll(transport.requestHeader('cookie'), lines)
  if (token !== undefined && most > Math.min(MAX_COOKIE_BYTES, cookie.maxBytes)) return sendIfFitting(context, cookie, token)
  transport.replaceSetCookies(lines)
}

/** Lets a renewal be that no longer fits, comes too late, or is of what others sealed; throws every other error. */
export function ignoreRenewalError({ config, env }: SessionContext, error: unknown): void {
  const code = error instanceof SessionError ? error.code : undefined
  if (code === 'SESSION_HEADERS_SENT' || code === 'SESSION_NOT_SERIALIZABLE') return
  if (code !== 'SESSION_TOO_LARGE') throw error
  env.warnOnce(`The session "${config.name}" could not be renewed: it is larger than cookie.maxBytes allows now.`)
}

function bytesOfAll(cookieHeader: string | undefined, lines: string[]): number {
  let bytes = cookieHeader?.length ?? 0
  for (const line of lines) bytes += line.length
  return bytes
}

async function sendIfFitting(context: SessionContext, cookie: ResolvedCookie, token: string): Promise<void> {
  const { env, config } = context
  const candidates = siblingNames(context)
  const bytes = putCookies(context, cookie, token, candidates)
  if (bytes > MAX_COOKIE_BYTES && env.isDevelopment)
    env.warnOnce(`The cookies of all sessions together take more than ${MAX_COOKIE_BYTES} bytes; cookie.maxBytes allows ${cookie.maxBytes}.`)
  if (bytes <= cookie.maxBytes) return
  // Anybody can send rubbish under a sibling's name; only sessions count.
  const sessions = await authenticAmong(candidates, context)
  assertCanSend(context)
  const real = putCookies(context, cookie, token, sessions)
  if (real > cookie.maxBytes)
    throw tooLarge(config.name, `the sessions' cookies would take ${real} bytes, cookie.maxBytes allows ${cookie.maxBytes}`)
}

/**
 * Puts the cookies into the response if the browser can send them all back, at once: sessions that are written
 * at the same time share the header.
 *
 * @returns the bytes that all sessions' cookies would take
 */
function putCookies(context: SessionContext, cookie: ResolvedCookie, token: string, others: readonly string[]): number {
  const { transport, config } = context
  const lines = cookieLines(context, cookie, token)
  const bytes = cookieBytes([config.name, ...others], transport.requestCookies(), lines)
  if (bytes <= cookie.maxBytes) transport.replaceSetCookies(lines)
  return bytes
}

/** Other sessions that the browser may hold: configured ones, this request's, and whatever looks like a seal. */
function siblingNames({ transport, config, siblings }: SessionContext): string[] {
  const cookies = transport.requestCookies()
  const sealed = Object.keys(cookies).filter(name => isToken(cookies[name]!) && !isChunkName(name)).slice(0, MAX_UNKNOWN_NAMES)
  return [...new Set([...siblings.names, ...Object.keys(transport.states), ...sealed])].filter(name => name !== config.name)
}

async function authenticAmong(names: string[], { env, transport, config, siblings }: SessionContext): Promise<string[]> {
  // A name that only the client tells is no configuration's: nothing about it may throw.
  const optionsOf = (name: string) => siblings.names.includes(name) ? siblings.resolve(name) : { ...config, name, acceptUnnamed: false }
  // Made for this look only: what it opens is not found again.
  const configOf = (name: string) => ({ ...optionsOf(name), tokens: undefined })

  const results = await Promise.all(names.map(async (name) => {
    if (transport.states[name]?.isCommitted) return true
    const token = joinChunks(name, transport.requestCookies())
    return token !== undefined && !('reason' in await openToken(token, configOf(name), env.now()))
  }))
  return names.filter((_, index) => results[index])
}

function cookieLines({ env, transport, config, state }: SessionContext, cookie: ResolvedCookie, token: string | undefined): string[] {
  const { createdAt, maxAge } = state.record
  const now = env.now()
  const isExempt = env.isDevelopment && !transport.isSecure()
  return renderCookies({
    name: config.name,
    token,
    cookie,
    secure: cookie.secure === 'auto' ? !isExempt : cookie.secure,
    // The record of a stored session may have been used last by a request whose answer was lost: this one counts.
    end: cookieEnd({ createdAt, maxAge, lastSeenAt: now }, config, now),
    now,
    requestCookies: transport.requestCookies(),
    sharedWith: config.sharedWith,
    lines: transport.setCookies(),
  })
}
