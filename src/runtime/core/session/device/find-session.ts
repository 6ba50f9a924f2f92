import type { DeviceSession } from '../../device/context'
import { thumbprintOf } from '../../device/key'
import type { ChallengeResponse } from '../../device/challenge-response'
import { openName } from '../../device/session-name'
import type { SessionName } from '../../device/session-name'
import type { RejectReason } from '../../model/errors'
import { isAlive } from '../../store/record'
import type { Alive } from '../../store/store'
import { findStored, recordRejection, toRejected, toStoredSession } from '../persistence/stored-session'
import { openToken } from '../token'
import type { Rejected } from '../token'
import { budgetOf, searchBudgetOf } from './attempt-budget'
import type { FoundBy } from './attempt-budget'
import { cookieOf } from './request'
import type { DeviceRequest } from './request'

/** How often a request is tried again, because one in parallel gave the session a new id. */
export const MAX_TRIES = 16
/** How many sessions of a user are searched. The URL of a renewal is enough to ask for it, also after a logout. */
const MAX_SESSIONS = 20

/** No session was found for a request. */
export interface NotFound {
  reason: RejectReason | undefined
  /**
   * `ended`: by its record or tombstone. `missing`: nothing shows that there is one. `unknown`: it may be alive, so the
   * browser has to ask again; the end of its binding could not be taken back.
   */
  state: 'ended' | 'missing' | 'unknown'
  /** The handle of the session that replaced this one. */
  successor?: string
  /** Whose attempts are used up, so that the session was not searched. */
  budget?: string
}
type Found = DeviceSession | NotFound

/**
 * The session of the cookie, if it has the key that the URL names; else that of the URL. Chromium leaves out a cookie with
 * SameSite if another site began the navigation for which it asks: a link in a mail, or the way back from an identity
 * provider. And another host of the site may have set a cookie for this path. The URL names the session also after a
 * restart of the browser.
 */
export async function findSession(request: DeviceRequest): Promise<Found | undefined> {
  const ofCookie = await endOrFound(request, await findByCookie(request))
  const isNamed = ofCookie !== undefined && 'isNamed' in ofCookie && ofCookie.isNamed === true
  const name = isNamed ? undefined : await nameOf(request)
  if (name === undefined) return ofCookie
  const ofName = await findByName(request, name)
  const isEnded = ofCookie === undefined || ('state' in ofCookie && ofCookie.state !== 'unknown')
  return isEnded || !('state' in ofName) ? ofName : ofCookie
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

/** Returns the end of a replaced session, else what was found: the cookie of an earlier id must not reach the newest one. */
async function endOrFound(request: DeviceRequest, found: Found | undefined): Promise<Found | undefined> {
  if (!found || !('state' in found)) return found
  const newest = await latest(request, found, 'cookie')
  // A store that is not strongly consistent may not have the newest record yet.
  const hasEnded = 'state' in newest && (newest.state === 'ended' || (newest.state === 'missing' && request.persistence.store.consistency === 'strong'))
  return hasEnded ? newest : found
}

/** A session that was replaced, under its present id. It may be replaced again meanwhile. */
async function latest(request: DeviceRequest, session: Found, foundBy: FoundBy, name?: SessionName): Promise<Found> {
  const { store } = request.persistence
  let found = session
  for (let tries = 0; 'state' in found && found.successor !== undefined && tries < MAX_TRIES; tries++)
    found = await findByHandle(request, await store.newest(found.successor), foundBy, name)
  return found
}

/** What the URL says of the session that the browser renews. @throws OverloadError */
async function nameOf({ named, config, env }: DeviceRequest): Promise<SessionName | undefined> {
  return named === undefined ? undefined : openName(named, config, env.now())
}

/** `undefined` without a cookie. */
async function findByCookie(request: DeviceRequest): Promise<Found | undefined> {
  const { env, config, persistence: { store } } = request
  const cookie = cookieOf(request)
  if (cookie === undefined) return undefined
  const token = await openToken(cookie, config, env.now())
  if ('reason' in token) return { reason: token.reason, state: token.reason === 'overloaded' ? 'unknown' : 'missing' }
  const result = await findStored({ env, config, store, isProving: true }, token)
  if ('reason' in result) return toNotFound(result)
  const { stored } = result
  // A cookie session that has not moved to the store.
  if (!stored?.known) return { reason: undefined, state: 'missing' }
  const name = stored.known.record.device && await nameOf(request)
  return toSession(request, stored.key, stored.known, 'cookie', name)
}

/**
 * If `regenerate()` gave the session a new id since the browser got its URL, the old one names it for an hour. Later, or
 * after a login, its key finds it, but not if it has ended: then the key is not among those of the user's sessions.
 */
async function findByName(request: DeviceRequest, name: SessionName): Promise<Found> {
  const session = await latest(request, await findByHandle(request, name.handle, 'URL', name), 'URL', name)
  const isFound = !('state' in session) || session.state === 'ended'
  return isFound ? session : await findByKey(request, name) ?? session
}

/** A key is of one session. `undefined` if it is not among the user's. */
async function findByKey(request: DeviceRequest, name: SessionName): Promise<Found | undefined> {
  const { env: { hash, now }, attempts, persistence: { store } } = request
  const { userId, key } = name
  if (userId === undefined) return { reason: undefined, state: 'unknown' }
  const budget = searchBudgetOf(request, key)
  if (!attempts.take(budget, now())) return { reason: undefined, state: 'unknown', budget }
  // Twice: a list may lack a session that gets a new id meanwhile.
  for (let tries = 0; tries < 2; tries++) {
    const { entries, cursor } = await store.list({ userId, limit: MAX_SESSIONS })
    const entry = entries.find(({ record: { device } }) => device !== undefined && thumbprintOf(device, hash) === key)
    if (entry) return findByHandle(request, entry.key, 'URL', name)
    if (cursor !== undefined || store.consistency !== 'strong') return { reason: undefined, state: 'unknown' }
  }
  return undefined
}

async function findByHandle(request: DeviceRequest, handle: string, foundBy: FoundBy, name?: SessionName): Promise<Found> {
  const { env, config, persistence: { store } } = request
  const found = await store.get(handle)
  if (!isAlive(found)) return toNotFound(toRejected(found))
  const reason = recordRejection(toStoredSession('', found.record), found, config, env.now())
  return reason === undefined ? toSession(request, handle, found, foundBy, name) : { reason, state: 'ended' }
}

/** `expired`: the store has nothing, or a record that has ended. */
function toNotFound({ reason, successor }: Rejected): NotFound {
  // A record that cannot be read, or was replaced, does not say that the session has ended.
  if (reason === 'superseded' || reason === 'malformed') return { reason, successor, state: 'unknown' }
  return { reason, state: reason === 'expired' ? 'missing' : 'ended' }
}

function toSession(request: DeviceRequest, handle: string, found: Alive, foundBy: FoundBy, name: SessionName | undefined): DeviceSession {
  const { device } = found.record
  const isNamed = name && device && name.key === thumbprintOf(device, request.env.hash)
  return { handle, found, isNamed, budget: budgetOf(request, foundBy, isNamed, found.record) }
}
