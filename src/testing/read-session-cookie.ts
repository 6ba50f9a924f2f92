import { joinChunks } from '../runtime/core/cookie/cookies'
import { SealRejectedError, SessionError } from '../runtime/core/model/errors'
import { expiresAt } from '../runtime/core/model/lifetimes'
import { findStored } from '../runtime/core/session/persistence/stored-session'
import type { ResolveSessionData, Session, SessionConfig } from '../runtime/core/model/types'
import { openToken, requireCookieSession } from '../runtime/core/session/token'
import { cookieValues } from './cookies'
import type { CookieSource } from './cookies'
import { createTestContext, sha256 } from './test-options'
import type { SessionTestOptions, TestContext } from './test-options'

export interface ReadSessionCookieOptions<Name extends string = string>
  extends SessionTestOptions<Name>, Pick<SessionConfig, 'acceptUnnamed' | 'legacySealFallback' | 'migrateUntil'> {}

/** The session in a cookie, or in the store by the cookie's id. */
export interface ReadSession<T> extends Session<T> {
  /** SHA-256 of the id in hexadecimal. */
  handle: string
  /** Milliseconds since 1970; `undefined` when the session never ends. */
  expiresAt: number | undefined
}

/**
 * Reads the session that a response sends, or that a browser has.
 * @returns `undefined` if the source does not have the session's cookie, `null` if a response removes it
 * @throws SealRejectedError with the `reason` if the app would reject the token; SESSION_PASSWORD_MISSING,
 * SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID; SESSION_STORE_REQUIRED for a stored session without the option
 * `storage`; SESSION_STORE_UNAVAILABLE
 */
export async function readSessionCookie<T = never, Name extends string = string>(
  source: CookieSource, options: ReadSessionCookieOptions<Name>,
): Promise<ReadSession<ResolveSessionData<T, Name>> | null | undefined> {
  const context = createTestContext('readSessionCookie', options)
  const { config: { name } } = context
  const values = cookieValues(source, name)
  if (values[name] === undefined) return undefined
  const token = joinChunks(name, values)
  if (token === undefined) return null
  const session = await open(token, context)
  return {
    ...session as Session<ResolveSessionData<T, Name>>,
    handle: sha256(session.id),
    expiresAt: expiresAt(session, context.config),
  }
}

async function open(token: string, { config, now, store }: TestContext): Promise<Session> {
  const opened = await openToken(token, config, now())
  const found = store ? await findStored({ env: { now, hash: sha256 }, config, store }, opened) : requireCookieSession(opened)
  if (!('reason' in found)) return found.session
  if (!store && found.reason === 'malformed') await assertNoReference(token, { config, now })
  throw new SealRejectedError(found.reason)
}

/** In an app without a store, the sealed id of a stored session is malformed. In a test, an option is missing. */
async function assertNoReference(token: string, { config, now }: Pick<TestContext, 'config' | 'now'>): Promise<void> {
  if (!('reference' in await openToken(token, { ...config, tokens: undefined, storage: 'any' }, now()))) return
  throw new SessionError('SESSION_STORE_REQUIRED',
    'readSessionCookie() found the id of a stored session. Set the option storage: { driver } to a driver over the data of the app\'s mount.')
}
