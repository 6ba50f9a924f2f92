import { joinChunks } from '../../cookie/cookies'
import type { DeviceSession } from '../../device/context'
import { thumbprintOf } from '../../device/key'
import type { ChallengeResponse } from '../../device/challenge-response'
import { openName } from '../../device/session-name'
import type { SessionName } from '../../device/session-name'
import type { RejectReason } from '../../model/errors'
import { isAlive, isEnded } from '../../store/record'
import type { Alive } from '../../store/store'
import { findStored, recordRejection, reasonOf, toStoredSession } from '../persistence/stored-session'
import { openToken } from '../token'
import type { DeviceRequest } from './request'

/** How often a request is tried again, because one in parallel gave the session a new id. */
export const MAX_TRIES = 16
/** How many sessions of a user are searched. The URL of a renewal is enough to ask for it, also after a logout. */
const MAX_SESSIONS = 20
const MAC_LENGTH = 43

/** `successor`: the key of the session that replaced this one. `budget`: whose attempts are used up, so that the session was not searched. */
export interface NotFound { reason: RejectReason | undefined, successor?: string, budget?: string }
type Found = DeviceSession | NotFound

/**
 * The session of the cookie. Chromium leaves out a cookie with SameSite if another site began the navigation for which
 * it asks: a link in a mail, or the way back from an identity provider. Then the URL of the renewal names the session,
 * also after a restart of the browser.
 */
export async function findSession(request: DeviceRequest): Promise<Found | undefined> {
  const ofCookie = await findByCookie(request)
  if (ofCookie) return ofCookie
  const name = await nameOf(request)
  return name && findByName(request, name)
}

/**
 * The session of a registration, under its present id: of the cookie, else of the challenge, which only the response to
 * the login contained. If the session got its id since the login, the browser may still send the cookie of the one before,
 * or a thief has asked for the new one: bound, it is of no use to the thief. The response is only read without a cookie.
 */
export async function findUnregistered(request: DeviceRequest, response: () => ChallengeResponse | undefined): Promise<Found | undefined> {
  const ofCookie = await findByCookie(request)
  if (ofCookie) return latest(request, ofCookie, 'cookie')
  const challenge = await response()?.challenge()
  return challenge && latest(request, await findByHandle(request, challenge.handle, 'challenge'), 'challenge')
}

/** A session that was replaced, under its present id. It may be replaced again meanwhile. */
async function latest(request: DeviceRequest, session: Found, shown: Shown, name?: SessionName): Promise<Found> {
  const { store } = request.persistence
  let found = session
  for (let tries = 0; 'reason' in found && found.successor !== undefined && tries < MAX_TRIES; tries++)
    found = await findByHandle(request, await store.newest(found.successor), shown, name)
  return found
}

/**
 * The step of a request and the texts that show its session, by their MACs: those of others cannot have the same. A
 * registration without a cookie shows its challenge. `undefined` if there are none.
 */
export function shownIn({ step, transport, config, named = '' }: DeviceRequest, response: () => ChallengeResponse | undefined): string | undefined {
  const cookie = joinChunks(config.name, transport.requestCookies()) ?? ''
  const texts = cookie === '' && named === '' && step === 'register' ? [response()?.token.challenge ?? ''] : [cookie, named]
  return texts.every(text => text === '') ? undefined : `${step} ${texts.map(text => text.slice(-MAC_LENGTH)).join(' ')}`
}

/** What the URL says of the session that the browser renews. @throws OverloadError */
async function nameOf({ named, config, env }: DeviceRequest): Promise<SessionName | undefined> {
  return named === undefined ? undefined : openName(named, config, env.now())
}

/** `undefined` without a cookie. */
async function findByCookie(request: DeviceRequest): Promise<Found | undefined> {
  const { env, transport, config, persistence: { store } } = request
  const cookie = joinChunks(config.name, transport.requestCookies())
  if (cookie === undefined) return undefined
  const result = await findStored({ env, config, store, isProving: true }, await openToken(cookie, config, env.now()))
  if ('reason' in result) return result
  const { stored } = result
  if (!stored?.known) return { reason: undefined }
  const name = stored.known.record.device && await nameOf(request)
  return toSession(request, stored.key, stored.known, 'cookie', name)
}

/**
 * If the session got a new id since the browser got its URL, the old one names it for an hour. Later, its key finds it, but
 * not if it has ended: then the key is not among those of the user's sessions.
 */
async function findByName(request: DeviceRequest, name: SessionName): Promise<Found> {
  const session = await latest(request, await findByHandle(request, name.handle, 'URL', name), 'URL', name)
  const isOfOtherKey = 'found' in session && session.handle !== name.handle && session.isNamed !== true
  if (isOfOtherKey) return { reason: 'superseded' }
  return 'reason' in session && session.reason !== 'revoked' ? await findByKey(request, name) ?? session : session
}

/** A key is of one session. `undefined` if it is not among the user's. */
async function findByKey(request: DeviceRequest, name: SessionName): Promise<Found | undefined> {
  const { env: { hash, now }, attempts, persistence: { store } } = request
  const { userId, key } = name
  if (userId === undefined) return undefined
  const budget = `search ${key}`
  if (!attempts.take(budget, now())) return { reason: undefined, budget }
  const { entries } = await store.list({ userId, limit: MAX_SESSIONS })
  const entry = entries.find(({ record: { device } }) => device !== undefined && thumbprintOf(device, hash) === key)
  return entry && findByHandle(request, entry.key, 'URL', name)
}

async function findByHandle(request: DeviceRequest, handle: string, shown: Shown, name?: SessionName): Promise<Found> {
  const { env, config, persistence: { store } } = request
  const found = await store.get(handle)
  if (!isAlive(found)) return { reason: reasonOf(found), successor: isEnded(found) ? found.successor : undefined }
  const reason = recordRejection(toStoredSession('', found.record), found, config, env.now())
  return reason === undefined ? toSession(request, handle, found, shown, name) : { reason }
}

/** How a request shows its session. A renewal also names it in its URL. */
type Shown = 'cookie' | 'URL' | 'challenge'

/**
 * The budget is of a login, a step, and what the request shows of the login. A thief has the cookie, and whoever reads the
 * log of a proxy has the URL. They do not use up the attempts of the browser, which has both, and for a registration the
 * challenge: without it, nothing is counted.
 */
function toSession({ step, env: { hash } }: DeviceRequest, handle: string, found: Alive, shown: Shown, name: SessionName | undefined): DeviceSession {
  const { createdAt, userId, device } = found.record
  const isNamed = name && device && name.key === thumbprintOf(device, hash)
  return { handle, found, isNamed, budget: `${step} ${shown} ${isNamed} ${createdAt} ${userId}` }
}
