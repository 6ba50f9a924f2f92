import { REGISTRATION_MS } from '../model/lifetimes'
import type { SessionDevice } from '../model/types'
import type { SessionRecord } from '../store/store'
import { nextTime, sealChallenge } from './challenge'
import type { DeviceContext, DeviceRejection, DeviceSession } from './context'
import { isSameKey, thumbprintOf } from './key'
import type { ChallengeResponse } from './challenge-response'
import { storeKey } from './store-key'
import type { StoredKey } from './store-key'

/** The challenge that a login offers. With a bound session of the same user, it may replace that key. */
export async function offerRegistration({ env, config }: Pick<DeviceContext, 'env' | 'config'>, handle: string, { device, createdAt }: Pick<SessionRecord, 'device' | 'createdAt'>): Promise<string> {
  const now = env.now()
  const replaces = device && thumbprintOf(device, env.hash)
  return sealChallenge({ purpose: 'register', handle, at: nextTime(now, device?.at), replaces, login: createdAt }, now + REGISTRATION_MS, config, now)
}

/** `isRepeated`: the same token has bound it before. A browser that lost the answer with its connection sends the request again. */
export type RegisteredKey = StoredKey & { isRepeated?: boolean }

/** Binds a session to the key of a response. Another browser's cookie cannot register over a key. */
export async function register(context: DeviceContext, session: DeviceSession, response: ChallengeResponse): Promise<RegisteredKey> {
  const { env, store } = context
  const { found: { record } } = session
  const { key } = response.token
  if (!key) return { reason: 'malformed' }
  const challenge = await response.challenge()
  if (!challenge || challenge.isExpired || challenge.purpose !== 'register') return { reason: 'challenge' }
  const { at, replaces, login } = challenge
  const isOfThisId = challenge.handle === session.handle
  if (!isOfThisId && login !== record.createdAt) return { reason: 'challenge' }
  const isThisKey = (device: SessionDevice) => device.at === at && isSameKey(device, key)
  const reasonFor = ({ device }: SessionRecord): DeviceRejection | undefined => {
    if (!device || isThisKey(device)) return undefined
    if (at <= device.at) return 'replayed'
    return replaces === thumbprintOf(device, env.hash) ? undefined : 'bound'
  }
  const reason = reasonFor(record) ?? await response.ownReason(key, session.budget)
  if (reason) return { reason }
  if (!isOfThisId && await store.newest(challenge.handle) !== session.handle) {
    const isReplaced = await store.newest(session.handle) !== session.handle
    return { reason: isReplaced ? 'session' : 'challenge' }
  }
  const { device } = record
  return device && isThisKey(device) ? { record: { ...record, device }, isRepeated: true } : storeKey(context, session, { ...key, at }, reasonFor)
}
