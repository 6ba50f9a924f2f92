import { assertTokenFits, cookieBytes, renderCookies, tooLarge } from '../runtime/core/cookie/cookies'
import { cookieEnd } from '../runtime/core/model/lifetimes'
import { sealReference, sealSession } from '../runtime/core/seal/seal'
import { toRecord } from '../runtime/core/session/persistence/stored-session'
import type { ResolveSessionData, Session, SessionDataShape } from '../runtime/core/model/types'
import { toBrowserCookies } from './browser-cookies'
import type { BrowserCookie } from './browser-cookies'
import type { CookiePair } from './cookie-source'
import { toNewSession } from './new-session'
import type { NewSessionOptions } from './new-session'
import { sha256 } from './sha256'
import { createTestContext } from './test-options'
import type { SessionTestOptions, TestContext } from './test-options'

export interface CreateSessionCookieOptions<Name extends string = string> extends SessionTestOptions<Name>, NewSessionOptions {}

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
 * Creates a session as the module itself does. With `storage` it also writes the record.
 *
 * `options` are those of the app, and the properties of the session. With `userId` the user is logged in.
 *
 * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID, SESSION_NOT_SERIALIZABLE,
 * SESSION_TOO_LARGE, and with `storage` SESSION_STORE_UNAVAILABLE, SESSION_CONFLICT if the `id` is taken
 */
export async function createSessionCookie<T = never, Name extends string = string>(
  data: Partial<ResolveSessionData<T, Name>>, options: CreateSessionCookieOptions<Name>,
): Promise<SessionCookie> {
  const context = createTestContext('createSessionCookie', options)
  const session = toNewSession(data, options, context)
  const token = await sealAndStore(session, context)
  const lines = setCookieLines(session, token, context)
  const cookies = lines.map(toPair)
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

async function sealAndStore(session: Session<SessionDataShape>, { config, now, store }: TestContext): Promise<string> {
  if (!store) return sealSession(session, config, now())
  const { userId } = session
  const epoch = userId === undefined ? undefined : await store.epoch(userId)
  await store.create(sha256(session.id), toRecord({ ...session, ...epoch !== undefined && { epoch } }, config, now()))
  return sealReference(session, config, now())
}

function setCookieLines(session: Session<SessionDataShape>, token: string, { config, now }: TestContext): string[] {
  const { name, cookie } = config
  assertTokenFits(name, token)
  if (cookie === false) return []
  const lines = renderCookies({
    name,
    token,
    cookie,
    secure: cookie.secure !== false,
    end: cookieEnd(session, config, now()),
    now: now(),
    requestCookies: {},
    sharedWith: undefined,
    lines: [],
  })
  const bytes = cookieBytes([name], {}, lines)
  if (bytes > cookie.maxBytes) throw tooLarge(name, `its cookies would take ${bytes} bytes, cookie.maxBytes allows ${cookie.maxBytes}`)
  return lines
}

function toPair(line: string): CookiePair {
  const [pair = ''] = line.split(';', 1)
  const at = pair.indexOf('=')
  return { name: pair.slice(0, at), value: pair.slice(at + 1) }
}
