import type { KeyRing } from './key-ring'
import { andThen } from './maybe-promise'
import type { MaybePromise } from './maybe-promise'
import type { Bytes, SyncCrypto } from './sync-crypto'

/** Salts to seal with, and their keys. */
export interface SealingKeys {
  encryptionSalt: string
  integritySalt: string
  encryption: Bytes
  integrity: Bytes
}

export interface SealingSaltsOptions {
  ring: KeyRing
  crypto: Pick<SyncCrypto, 'randomBytes' | 'hex'>
  encryptionSaltBits: number
  integritySaltBits: number
  /** `false`: a fresh pair for each seal. */
  isReused: boolean
}

/** How many seals a pair of salts makes at most. The IV of each is fresh. */
export const MAX_SEALS_PER_SALT = 10_000
/** How long a pair of salts is used at most, in milliseconds. */
export const MAX_SALT_AGE = 5 * 60 * 1000
// From here on the next pair is derived ahead, so that no seal waits for it where deriving takes time.
const READY_SEALS = 0.9 * MAX_SEALS_PER_SALT
const READY_AGE = 0.8 * MAX_SALT_AGE

interface Pair { keys: SealingKeys, since: number, seals: number }

/** The salts that new seals are made with: deriving keys from fresh ones for each would be most of the work. */
export class SealingSalts {
  private current: Pair | undefined
  private next: MaybePromise<SealingKeys> | undefined

  constructor(private readonly options: SealingSaltsOptions) {}

  /** @param now milliseconds since 1970 */
  take(now: number): MaybePromise<SealingKeys> {
    if (!this.options.isReused) return this.make()
    const current = this.current
    if (!current || current.seals >= MAX_SEALS_PER_SALT || !isWithin(current, now, MAX_SALT_AGE))
      return andThen(this.prepare(), keys => this.start(keys, now))
    current.seals++
    if (current.seals > READY_SEALS || !isWithin(current, now, READY_AGE)) this.prepare()
    return current.keys
  }

  /** The next pair; all who wait for it get the same. */
  private prepare(): MaybePromise<SealingKeys> {
    if (this.next) return this.next
    const next = this.make()
    // Who waits for it is told; who comes later tries again.
    if (next instanceof Promise) next.catch(() => { this.next = undefined })
    return this.next = next
  }

  private start(keys: SealingKeys, now: number): MaybePromise<SealingKeys> {
    if (this.current?.keys !== keys) {
      this.current = { keys, since: now, seals: 0 }
      this.next = undefined
    }
    // More may have waited for the pair than it may make.
    if (this.current.seals >= MAX_SEALS_PER_SALT) return this.take(now)
    this.current.seals++
    return keys
  }

  private make(): MaybePromise<SealingKeys> {
    const { ring, crypto: { randomBytes, hex }, encryptionSaltBits, integritySaltBits } = this.options
    const encryptionSalt = hex(randomBytes(Math.ceil(encryptionSaltBits / 8)))
    const integritySalt = hex(randomBytes(Math.ceil(integritySaltBits / 8)))
    return andThen(ring.deriveBoth(encryptionSalt, integritySalt), (keys) => {
      // What is sealed here comes back here.
      ring.accept({ encryptionSalt, integritySalt }, keys)
      return { encryptionSalt, integritySalt, ...keys }
    })
  }
}

/** A clock that was set back ends the pair too. */
function isWithin({ since }: Pair, now: number, age: number): boolean {
  return now >= since && now - since < age
}
