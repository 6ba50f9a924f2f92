import { openChallenge } from './challenge'
import type { OpenedChallenge } from './challenge'
import type { DeviceContext, DeviceRejection } from './context'
import type { DeviceToken } from './jwt'
import type { DeviceKey } from './key'
import { successorOf } from './successor'

type SignatureRejection = Extract<DeviceRejection, 'signature' | 'replayed'>

/** A browser's response to a challenge. A registration asks for each property several times. It is opened and verified once. */
export class ChallengeResponse {
  /** The challenge, if it is one of this app. @throws OverloadError */
  readonly challenge: () => Promise<OpenedChallenge | undefined>
  /** Why it is not signed by the key that it contains. For a challenge of this app. */
  readonly ownReason: () => Promise<SignatureRejection | undefined>

  /** What {@link successor} has found so far. */
  private latest: string | undefined

  constructor(private readonly context: DeviceContext, readonly token: DeviceToken) {
    const { config, env } = context
    this.challenge = once(() => openChallenge(token.challenge, config, env.now()))
    this.ownReason = once(async () => token.key ? this.reasonFor(token.key) : 'signature')
  }

  /** The handle that the challenge's session has after new ids. Asked again, it follows those that came since. */
  async successor(): Promise<string | undefined> {
    const challenge = await this.challenge()
    if (challenge) this.latest = await successorOf(this.context.store, this.latest ?? challenge.handle) ?? this.latest
    return this.latest
  }

  /** Whether the challenge's session has a handle after new ids. */
  async isSucceededBy(handle: string): Promise<boolean> {
    return this.latest === handle || await this.successor() === handle
  }

  /** Why it is not signed by a key. For a challenge of this app. */
  async reasonFor(key: DeviceKey): Promise<SignatureRejection | undefined> {
    const { context: { checks, verify }, token: { challenge, signature, signed } } = this
    if (!checks.take(challenge)) return 'replayed'
    return await verify(key, signature, signed) ? undefined : 'signature'
  }
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined
  return () => found ??= find()
}
