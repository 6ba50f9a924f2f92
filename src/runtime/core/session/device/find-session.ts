import { joinChunks } from '../../cookie/cookies'
import { openChallenge, openHandle } from '../../device/challenge'
import type { DeviceSession } from '../../device/context'
import type { DeviceToken } from '../../device/jwt'
import { successorOf } from '../../device/successor'
import type { RejectReason } from '../../model/errors'
import { isAlive } from '../../store/record'
import { findStored, recordRejection, reasonOf, toStoredSession } from '../persistence/stored-session'
import { openToken } from '../token'
import type { DeviceRequest } from './request'

type Found = DeviceSession | { reason: RejectReason | undefined }

/**
 * The session of the cookie. Chromium leaves out a cookie with SameSite if another site began the navigation for which
 * it asks: a link in a mail, or the way back from an identity provider. Then the challenge names the session; only the
 * response to its login, or to a proof of its key, contained that challenge. After a restart, the browser has no challenge
 * either, but still the URL.
 */
export async function findSession(request: DeviceRequest, token: DeviceToken | undefined): Promise<Found | undefined> {
  return await findByCookie(request) ?? (token && await findByChallenge(request, token)) ?? findByUrl(request)
}

/**
 * The session under its present id. If it got that id since the login, the browser may still send the cookie of the one
 * before, or a thief has asked for the new one: bound, it is of no use to the thief.
 */
export async function findLatest(request: DeviceRequest, token: DeviceToken): Promise<Found | undefined> {
  const session = await findSession(request, token)
  if (!session || !('reason' in session) || session.reason !== 'superseded') return session
  const challenge = await openChallenge(token.challenge, request.config, request.env.now())
  const latest = challenge && await successorOf(request.persistence.store, challenge.handle)
  return latest === undefined ? session : findByHandle(request, latest)
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

async function findByChallenge(request: DeviceRequest, token: DeviceToken): Promise<Found | undefined> {
  const challenge = await openChallenge(token.challenge, request.config, request.env.now())
  return challenge && findByHandle(request, challenge.handle)
}

async function findByUrl(request: DeviceRequest): Promise<Found | undefined> {
  const { named, config, env } = request
  const handle = named === undefined ? undefined : await openHandle(named, config, env.now())
  return handle === undefined ? undefined : findByHandle(request, handle)
}

async function findByHandle({ env, config, persistence: { store } }: DeviceRequest, handle: string): Promise<Found> {
  const found = await store.get(handle)
  if (!isAlive(found)) return { reason: reasonOf(found) }
  const reason = recordRejection(toStoredSession('', found.record), found, config, env.now())
  return reason === undefined ? { handle, found } : { reason }
}
