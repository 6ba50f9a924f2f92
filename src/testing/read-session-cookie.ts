import { joinChunks } from '../runtime/core/chunks'
import { SealRefusedError, SessionError } from '../runtime/core/errors'
import { expiresAt } from '../runtime/core/expiry'
import { findStored } from '../runtime/core/stored-session'
import type { ResolveSessionData, Session, SessionConfig } from '../runtime/core/types'
import { openToken, toWhole } from '../runtime/core/unseal'
import { cookieValues } from './cookie-source'
import type { CookieSource } from './cookie-source'
import { sha256 } from './sha256'
import { toTestPlace } from './test-options'
import type { SessionTestOptions, TestPlace } from './test-options'

export interface ReadSessionCookieOptions<Name extends string = string>
  extends SessionTestOptions<Name>, Pick<SessionConfig, 'acceptUnnamed' | 'legacySealFallback' | 'migrateUntil'> {}

/** What a session's cookie holds, or names in a store. */
export interface ReadSession<T> extends Session<T> {
  /** SHA-256 of the id in hexadecimal. */
  handle: string
  /** Milliseconds since 1970; `undefined` when the session never ends. */
  expiresAt: number | undefined
}

/**
 * The session that a response gave, or that a browser has.
 *
 * @returns `undefined` where nothing is said of the session's cookie, `null` where a response removes it
 * @throws SealRefusedError with the `reason` for which the app would refuse it; SESSION_PASSWORD_MISSING,
 * SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID; SESSION_STORE_REQUIRED where the session lies in a store and
 * `storage` is not given; SESSION_STORE_UNAVAILABLE
 */
export async function readSessionCookie<T = never, Name extends string = string>(
  source: CookieSource, options: ReadSessionCookieOptions<Name>,
): Promise<ReadSession<ResolveSessionData<T, Name>> | null | undefined> {
  const place = toTestPlace('readSessionCookie', options)
  const { config: { name } } = place
  const values = cookieValues(source, name)
  if (values[name] === undefined) return undefined
  const token = joinChunks(name, values)
  if (token === undefined) return null
  const session = await open(token, place)
  return {
    ...session as Session<ResolveSessionData<T, Name>>,
    handle: sha256(session.id),
    expiresAt: expiresAt(session, place.config),
  }
}

async function open(token: string, { config, now, store }: TestPlace): Promise<Session> {
  const opened = await openToken(token, config, now())
  const found = store ? await findStored({ env: { now, hash: sha256 }, config, store }, opened) : toWhole(opened)
  if (!('reason' in found)) return found.session
  if (!store && found.reason === 'malformed') await assertNoReference(token, { config, now })
  throw new SealRefusedError(found.reason)
}

/** To an app without a store a reference is nothing; to a test it is a missing option. */
async function assertNoReference(token: string, { config, now }: Pick<TestPlace, 'config' | 'now'>): Promise<void> {
  if (!('reference' in await openToken(token, { ...config, tokens: undefined, storage: 'any' }, now()))) return
  throw new SessionError('SESSION_STORE_REQUIRED',
    'readSessionCookie() found the id of a session that lies in a store. Give the option storage: { driver }, over the data of the app\'s mount.')
}
