import { MAX_LIFETIME_MS } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreBackend } from './backend'
import type { StoreEnvironment } from './context'
import type { StoreKeys } from './keys'
import type { Deadline } from './deadline'
import { decode, isAlive, isNothing } from './record'
import type { Found, SessionRecord } from './store'

// No session that was bound before outlives its epoch; the clocks of servers may differ by a day.
const EPOCH_MS = MAX_LIFETIME_MS + 24 * 60 * 60 * 1000

export interface Epoch {
  number: number
  /** The session that the last raise did not revoke. */
  except?: string
  /** As stored. */
  text?: string
}

/**
 * The epochs of users, which revoke all their sessions at once. An epoch is never lower than the time of its raise, so
 * the next one is higher even if the store loses the item (expiry, eviction, an old backup).
 */
export class UserEpochs {
  constructor(private readonly backend: StoreBackend, private readonly keys: StoreKeys, private readonly env: StoreEnvironment) {}

  get(deadline: Deadline, userId: string): MaybePromise<Epoch> {
    return andThen(this.backend.get(deadline, this.keys.epoch(userId)), parseEpoch)
  }

  /** One session of the user can be excepted, if it is alive at that moment. */
  async raise(deadline: Deadline, userId: string, exceptIfAlive: string | undefined): Promise<Epoch> {
    for (;;) {
      const before = await this.get(deadline, userId)
      const except = exceptIfAlive !== undefined && await this.isLiveSessionOf(deadline, exceptIfAlive, userId, before) ? exceptIfAlive : undefined
      const number = Math.max(before.number + 1, Math.trunc(this.env.now()))
      const text = except === undefined ? `${number}` : `"${number} ${except}"`
      const value = { text, until: number + EPOCH_MS }
      if (await this.backend.compareAndSet(deadline, this.keys.epoch(userId), before.text, value)) return { number, except, text }
      await deadline.wait(this.env.random() * 10)
    }
  }

  private async isLiveSessionOf(deadline: Deadline, handle: string, userId: string, epoch: Epoch): Promise<boolean> {
    const found = decode(await this.backend.get(deadline, this.keys.session(handle)))
    if (!isAlive(found) || found.record.expiresAt <= this.env.now()) return false
    return found.record.userId === userId && !isOutdated(found.record, handle, epoch)
  }

  /** Revokes a record of an earlier epoch. The excepted one gets the new epoch, which its replacements inherit. */
  rejectOutdated(deadline: Deadline, handle: string, found: Found): MaybePromise<Found> {
    if (!isAlive(found) || found.record.userId === undefined) return found
    return andThen(this.get(deadline, found.record.userId), (epoch) => {
      if (isOutdated(found.record, handle, epoch)) return { dead: 'revoked' }
      const isUpToDate = (found.record.epoch ?? 0) >= epoch.number
      return isUpToDate ? found : { ...found, record: { ...found.record, epoch: epoch.number } }
    })
  }
}

/**
 * Whether a record was bound before the user's last raise and is not excepted. A replacement of the excepted session
 * that was created during the raise is excepted too.
 */
export function isOutdated({ epoch = 0, replaces }: SessionRecord, handle: string, { number, except }: Epoch): boolean {
  return epoch < number && (except === undefined || (handle !== except && replaces !== except))
}

/** Returns when a stored epoch may be removed; `undefined` if the value is no epoch. */
export function endOfEpoch(raw: unknown): number | undefined {
  const { number } = parseEpoch(raw)
  return number === 0 ? undefined : number + EPOCH_MS
}

// `1763999999999`, or with an exception `"1763999999999 <handle>"`: JSON, for drivers that parse what they return.
function parseEpoch(raw: unknown): Epoch {
  if (isNothing(raw)) return { number: 0 }
  const text = typeof raw === 'object' || typeof raw === 'function' ? '' : String(raw)
  const [digits, except] = text.replaceAll('"', '').split(' ')
  return { number: Number(digits) || 0, except, text }
}
