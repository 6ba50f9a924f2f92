import { randomBytes } from 'node:crypto'
import { toSeconds } from '../runtime/core/config/parse'
import { assertTokenFits, cookieBytes, renderCookies, tooLarge } from '../runtime/core/cookie/cookies'
import { isFilledString, isTime, mergeData } from '../runtime/core/model/data'
import { configInvalid, showValue } from '../runtime/core/model/errors'
import { cookieEnd, ownIdleTimeout } from '../runtime/core/model/lifetimes'
import { assertSessionSerializable } from '../runtime/core/model/serializable'
import type { ResolveSessionData, Session, SessionDataShape } from '../runtime/core/model/types'
import { sealReference } from '../runtime/core/seal/reference'
import { sealSession } from '../runtime/core/seal/seal'
import { setEpochs, toRecord } from '../runtime/core/session/persistence/stored-session'
import { parseLine, toBrowserCookies } from './cookies'
import type { BrowserCookie, CookiePair } from './cookies'
import { createTestContext, sha256 } from './test-options'
import type { SessionTestOptions, TestContext } from './test-options'

/** The session options of the app, and the properties of the session besides its data. */
export interface CreateSessionCookieOptions<Name extends string = string> extends SessionTestOptions<Name> {
  /** @default 32 random bytes as base64url */
  id?: string
  /** Binds the session to this user, like `regenerate({ userId })` at login. Not empty. */
  userId?: string
  /** Start of the session in milliseconds since 1970. Its last use is at `now`. @default now() */
  createdAt?: number
  /** Time of the login in milliseconds since 1970. @default createdAt, if there is a `userId` */
  authenticatedAt?: number
  /** The session's own lifetime in seconds from `createdAt`, as in `regenerate({ maxAge })`. @default unset */
  ownMaxAge?: number
  /** The session's own idle timeout in seconds, as in `regenerate({ idleTimeout })`; `false`: none. @default unset */
  ownIdleTimeout?: number | false
  /** Values for the next `session.flash(key)`. @default none */
  flash?: Record<string, unknown>
}

/** A session for a client of a test. */
export interface SessionCookie {
  readonly id: string
  /** For the request header `Cookie`: `h3=…`, or in chunks `h3=…; h3.1=…`. */
  readonly header: string
  /** For the `sessionHeader`, such as `x-h3-session`. */
  readonly token: string
  /** One cookie, several if the session is long, none with `cookie: false`. */
  readonly cookies: readonly CookiePair[]
  /**
   * For Playwright's `context.addCookies()`.
   * @param page address of any page of the app. If `cookie.secure` is unset, its protocol decides about Secure
   * @throws SESSION_CONFIG_INVALID if it is not an address
   */
  readonly browserCookies: (page: string | URL) => BrowserCookie[]
  /** For Playwright's `browser.newContext({ storageState })` and `use: { storageState }`; see `browserCookies`. */
  readonly storageState: (page: string | URL) => { cookies: BrowserCookie[], origins: [] }
}

/**
 * Creates a session as the module itself does. With `storage` it also writes the record. `options` are those of the
 * app, and the properties of the session. With `userId` the user is logged in.
 * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID, SESSION_NOT_SERIALIZABLE,
 * SESSION_TOO_LARGE, and with `storage` SESSION_STORE_UNAVAILABLE, SESSION_CONFLICT if the `id` is taken
 */
export async function createSessionCookie<T = never, Name extends string = string>(
  data: Partial<ResolveSessionData<T, Name>>, options: CreateSessionCookieOptions<Name>,
): Promise<SessionCookie> {
  const context = createTestContext('createSessionCookie', options)
  const session = createSession(data, options, context)
  const token = await sealAndStore(session, context)
  const lines = setCookieLines(session, token, context)
  const cookies = lines.map(parseLine).map(({ name, value }) => ({ name, value }))
  const browserCookies = (page: string | URL) => {
    const { cookie } = context.config
    return cookie === false ? [] : toBrowserCookies(lines, cookie, page)
  }
  return {
    id: session.id,
    header: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    token,
    cookies,
    browserCookies,
    storageState: page => ({ cookies: browserCookies(page), origins: [] }),
  }
}

/** The session as the server would create it. @throws SESSION_NOT_SERIALIZABLE, SESSION_CONFIG_INVALID */
function createSession(data: unknown, options: CreateSessionCookieOptions, { config, now, store }: TestContext): Session<SessionDataShape> {
  const usedAt = toTime(now(), 'now()')
  const createdAt = toTime(options.createdAt ?? usedAt, 'createdAt')
  const own = {
    ...options.ownMaxAge !== undefined && { maxAge: toSeconds(options.ownMaxAge, 'ownMaxAge') },
    ...options.ownIdleTimeout !== undefined && { idleTimeout: toSeconds(options.ownIdleTimeout, 'ownIdleTimeout') ?? false as const },
  }
  const session = {
    id: toFilledText(options.id ?? randomBytes(32).toString('base64url'), 'id'),
    createdAt,
    data: mergeData({}, data),
    name: config.name,
    ...(ownIdleTimeout(own, config) !== undefined || store) && { lastSeenAt: usedAt },
    ...loginOf(options, createdAt),
    ...own,
    ...options.flash && { flash: mergeData({}, options.flash) },
  }
  assertSessionSerializable(session)
  return session
}

function loginOf({ userId, authenticatedAt }: CreateSessionCookieOptions, createdAt: number): Pick<Session, 'userId' | 'authenticatedAt'> {
  if (userId !== undefined) return { userId: toFilledText(userId, 'userId'), authenticatedAt: toTime(authenticatedAt ?? createdAt, 'authenticatedAt') }
  if (authenticatedAt === undefined) return {}
  throw configInvalid('authenticatedAt was given without a userId. Set both, or neither.')
}

async function sealAndStore(session: Session<SessionDataShape>, { config, now, store }: TestContext): Promise<string> {
  if (!store) return sealSession(session, config, now())
  await setEpochs(session, store)
  await store.create(sha256(session.id), toRecord(session, config, now()))
  return sealReference(session, config, now())
}

function setCookieLines(session: Session<SessionDataShape>, token: string, { config, now }: TestContext): string[] {
  const { name, cookie } = config
  assertTokenFits(name, token)
  if (cookie === false) return []
  const lines = renderCookies({
    name, token, cookie, now: now(), requestCookies: {}, sharedWith: undefined, lines: [],
    secure: cookie.secure !== false,
    end: cookieEnd(session, config, now()),
  })
  const bytes = cookieBytes([name], {}, lines)
  if (bytes > cookie.maxBytes) throw tooLarge(name, `its cookies would take ${bytes} bytes, cookie.maxBytes allows ${cookie.maxBytes} bytes`)
  return lines
}

function toTime(value: unknown, key: string): number {
  if (isTime(value)) return value
  throw configInvalid(`${key} ${showValue(value)} must be a number of milliseconds since 1970.`)
}

function toFilledText(value: unknown, key: string): string {
  if (isFilledString(value)) return value
  throw configInvalid(`the ${key} ${showValue(value)} must be a non-empty string, such as String(user.id).`)
}
