import { joinChunks } from '../../cookie/cookies'
import type { DeviceSession } from '../../device/context'
import { thumbprintOf } from '../../device/key'
import type { ChallengeResponse } from '../../device/challenge-response'
import { openName } from '../../device/session-name'
import type { SessionName } from '../../device/session-name'
import type { RejectReason } from '../../model/errors'
import { isAlive } from '../../store/record'
import { findStored, recordRejection, reasonOf, toStoredSession } from '../persistence/stored-session'
import { openToken } from '../token'
import type { DeviceRequest } from './request'

/** How many sessions of a user are searched. The URL of a renewal is enough to ask for it, also after a logout. */
const MAX_SESSIONS = 20

type Found = DeviceSession | { reason: RejectReason | undefined }

/**
 * The session of the cookie. Chromium leaves out a cookie with SameSite if another site began the navigation for which
 * it asks: a link in a mail, or the way back from an identity provider. Then the challenge names the session; only the
 * response to its login, or to a proof of its key, contained that challenge. After a restart, the browser has no challenge
 * either, but still the URL. If the session got a new id since, the URL also names its key, which stays.
 */
export async function findSession(request: DeviceRequest, response: ChallengeResponse | undefined): Promise<Found | undefined> {
  const ofCookie = await findByCookie(request)
  if (ofCookie) return ofCookie
  const name = await nameOf(request)
  const challenge = await response?.challenge()
  const handle = challenge?.handle ?? name?.handle
  if (handle === undefined) return undefined
  const found = await findByHandle(request, handle)
  // The end of an id by a logout is known for an hour. Later, the key is not found among the user's sessions.
  return 'reason' in found && found.reason !== 'revoked' && name ? await findByKey(request, name) ?? found : found
}

/**
 * The session under its present id. If it got that id since the login, the browser may still send the cookie of the one
 * before, or a thief has asked for the new one: bound, it is of no use to the thief.
 */
export async function findLatest(request: DeviceRequest, response: ChallengeResponse): Promise<Found | undefined> {
  const session = await findSession(request, response)
  if (!session || !('reason' in session) || session.reason !== 'superseded') return session
  const challenge = await response.challenge()
  const isSigned = challenge?.purpose === 'register' && !challenge.isExpired && await response.ownReason() === undefined
  const latest = isSigned ? await response.successor() : undefined
  return latest === undefined ? session : findByHandle(request, latest)
}

/** What the URL says of the session that the browser renews. @throws OverloadError */
export async function nameOf({ named, config, env }: DeviceRequest): Promise<SessionName | undefined> {
  return named === undefined ? undefined : openName(named, config, env.now())
}

/** `undefined` without a cookie. */
async function findByCookie({ env, transport, config, persistence: { store } }: DeviceRequest): Promise<Found | undefined> {
  const cookie = joinChunks(config.name, transport.requestCookies())
  if (cookie === undefined) return undefined
  const found = await findStored({ env, config, store, isProving: true }, await openToken(cookie, config, env.now()))
  if ('reason' in found) return found
  const { stored } = found
  return stored?.known ? { handle: stored.key, found: stored.known } : { reason: undefined }
}

/** A key is of one session. `undefined` if it is not among the user's. */
async function findByKey(request: DeviceRequest, { userId, key }: SessionName): Promise<Found | undefined> {
  const { env: { hash }, persistence: { store } } = request
  if (userId === undefined) return undefined
  const { entries } = await store.list({ userId, limit: MAX_SESSIONS })
  const entry = entries.find(({ record: { device } }) => device !== undefined && thumbprintOf(device, hash) === key)
  return entry && findByHandle(request, entry.key)
}

async function findByHandle({ env, config, persistence: { store } }: DeviceRequest, handle: string): Promise<Found> {
  const found = await store.get(handle)
  if (!isAlive(found)) return { reason: reasonOf(found) }
  const reason = recordRejection(toStoredSession('', found.record), found, config, env.now())
  return reason === undefined ? { handle, found } : { reason }
}
