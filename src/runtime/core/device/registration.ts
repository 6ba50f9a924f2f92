import { REGISTRATION_MS } from '../model/lifetimes'
import type { SessionDevice } from '../model/types'
import type { SessionRecord } from '../store/store'
import { nextTime, openChallenge, sealChallenge } from './challenge'
import type { OpenedChallenge } from './challenge'
import type { DeviceContext, DeviceRejection, DeviceSession } from './context'
import { isSignedBy } from './jwt'
import type { DeviceToken } from './jwt'
import { thumbprintOf } from './key'
import { storeKey } from './store-key'
import type { StoredKey } from './store-key'
import { successorOf } from './successor'

/** The challenge that a login offers. With a bound session of the same user, it may replace that key. */
export async function offerRegistration({ env, config }: Pick<DeviceContext, 'env' | 'config'>, handle: string, { device, createdAt }: Pick<SessionRecord, 'device' | 'createdAt'>): Promise<string> {
  const now = env.now()
  const replaces = device && thumbprintOf(device, env.hash)
  return sealChallenge({ purpose: 'register', handle, at: nextTime(now, device?.at), replaces, login: createdAt }, now + REGISTRATION_MS, config, now)
}

/**
 * Binds a session to the key of the token. Another browser's cookie cannot register over a key. `isRepeated`: the same
 * token has bound it before. A browser that lost the answer with its connection sends the request again.
 */
export async function register(context: DeviceContext, session: DeviceSession, token: DeviceToken): Promise<StoredKey & { isRepeated?: boolean }> {
  const { env, config, subtle } = context
  const { found: { record } } = session
  const { key } = token
  if (!key) return { reason: 'malformed' }
  const challenge = await openChallenge(token.challenge, config, env.now())
  if (!challenge || challenge.isExpired || challenge.purpose !== 'register' || !await isOfLogin(context, challenge, session)) return { reason: 'challenge' }
  const { at, replaces } = challenge
  const isThisKey = (device: SessionDevice) => device.at === at && thumbprintOf(device, env.hash) === thumbprintOf(key, env.hash)
  const reasonFor = ({ device }: SessionRecord): DeviceRejection | undefined => {
    if (!device || isThisKey(device)) return undefined
    if (at <= device.at) return 'replayed'
    return replaces === thumbprintOf(device, env.hash) ? undefined : 'bound'
  }
  const reason = reasonFor(record)
  if (reason) return { reason }
  if (!await isSignedBy(key, token, subtle)) return { reason: 'signature' }
  const { device } = record
  return device && isThisKey(device) ? { record: { ...record, device }, isRepeated: true } : storeKey(context, session, { ...key, at }, reasonFor)
}

/** Whether a challenge is of the session's login: for its id, or for one that it had since this login. */
async function isOfLogin({ store }: DeviceContext, { handle, login }: OpenedChallenge, session: DeviceSession): Promise<boolean> {
  if (handle === session.handle) return true
  return login === session.found.record.createdAt && await successorOf(store, handle) === session.handle
}
