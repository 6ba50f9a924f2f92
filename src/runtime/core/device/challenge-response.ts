import { openChallenge } from './challenge'
import type { OpenedChallenge } from './challenge'
import type { DeviceContext, DeviceRejection } from './context'
import type { DeviceToken } from './jwt'
import type { DeviceKey } from './key'
import { once } from '../utils/once'

type SignatureRejection = Extract<DeviceRejection, 'signature' | 'throttled'>

/** A browser's response to a challenge. A registration asks for each property several times. It is opened and verified once. */
export class ChallengeResponse {
  /** The challenge, if it is one of this app. @throws OverloadError */
  readonly challenge: () => Promise<OpenedChallenge | undefined>

  private own: Promise<SignatureRejection | undefined> | undefined

  constructor(private readonly context: DeviceContext, readonly token: DeviceToken) {
    const { config, env } = context
    this.challenge = once(() => openChallenge(token.challenge, config, env.now()))
  }

  /**
   * Why it is not signed by the key that it contains. Only the first call takes an attempt of the budget, because a
   * registration that comes across new ids asks again.
   */
  ownReason(key: DeviceKey, budget: string): Promise<SignatureRejection | undefined> {
    return this.own ??= this.verifyOwn(key, budget)
  }

  /** Why it is not signed by a key. */
  async reasonFor(key: DeviceKey): Promise<'signature' | undefined> {
    const { context: { verify }, token: { signature, signed } } = this
    return await verify(key, signature, signed) ? undefined : 'signature'
  }

  private async verifyOwn(key: DeviceKey, budget: string): Promise<SignatureRejection | undefined> {
    const { attempts, env } = this.context
    return attempts.take(budget, env.now()) ? this.reasonFor(key) : 'throttled'
  }
}
