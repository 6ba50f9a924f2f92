import type { SessionDevice } from '../model/types'
import type { SessionRecord } from '../store/store'
import { nextTime, sealChallenge } from './challenge'
import type { DeviceContext, DeviceRejection, DeviceSession } from './context'
import { isSameKey } from './key'
import { proofLifetime } from './proof'
import type { ChallengeResponse } from './challenge-response'
import { storeKey } from './store-key'
import type { StoredKey } from './store-key'

// A browser renews its proof shortly before or after its end. Later it gets a new challenge first.
const EXTRA_MS = 60 * 1000

/** The challenge for the next renewal of a bound session's proof. */
export async function nextChallenge({ env, config }: Pick<DeviceContext, 'env' | 'config'>, handle: string, device: SessionDevice): Promise<string> {
  const now = env.now()
  return sealChallenge({ purpose: 'refresh', handle, at: nextTime(now, device.at) }, now + proofLifetime(config) + EXTRA_MS, config, now)
}

/** Verifies that the response signs a challenge by the session's key, and uses up the challenge. */
export async function refresh(context: DeviceContext, session: DeviceSession, device: SessionDevice, response: ChallengeResponse): Promise<StoredKey> {
  const { key } = response.token
  if (key && !isSameKey(key, device)) return { reason: 'bound' }
  const challenge = await response.challenge()
  if (challenge?.purpose !== 'refresh' || challenge.isExpired || challenge.handle !== session.handle) return { reason: 'challenge' }
  const { at } = challenge
  const reasonFor = ({ device: latest }: SessionRecord): DeviceRejection | undefined => {
    if (!latest || !isSameKey(latest, device)) return 'bound'
    return at <= latest.at ? 'replayed' : undefined
  }
  const reason = reasonFor(session.found.record) ?? await response.reasonFor(device)
  if (reason) return { reason }
  return storeKey(context, session, { ...device, at }, reasonFor)
}
