import type { KeyCache } from './key-cache'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { Bytes, SyncCrypto } from './crypto'

/** A pair of salts to seal with, and their keys. */
export interface SealingKeys {
  encryptionSalt: string
  integritySalt: string
  encryption: Bytes
  integrity: Bytes
}

export interface SealingSaltsOptions {
  keys: KeyCache
  crypto: Pick<SyncCrypto, 'randomBytes' | 'hex'>
  encryptionSaltBits: number
  integritySaltBits: number
  /** `false`: a fresh pair for each seal. */
  isReused: boolean
}

/** Maximum number of seals per pair of salts. Each has a fresh IV. */
export const MAX_SEALS_PER_SALT = 10_000
/** Maximum use of a pair of salts, in milliseconds. */
export const MAX_SALT_AGE = 5 * 60 * 1000
// From here on the next pair is derived in advance, so that no seal waits for it.
const PREPARE_SEALS = 0.9 * MAX_SEALS_PER_SALT
const PREPARE_AGE = 0.8 * MAX_SALT_AGE

interface Pair { keys: SealingKeys, since: number, seals: number }

/** The salts of new seals. They are reused, because deriving keys would be most of the work of a seal. */
export class SealingSalts {
  private current: Pair | undefined
  private next: MaybePromise<SealingKeys> | undefined

  constructor(private readonly options: SealingSaltsOptions) {}

  /** @param now milliseconds since 1970 */
  take(now: number): MaybePromise<SealingKeys> {
    if (!this.options.isReused) return this.create()
    const current = this.current
    if (!current || current.seals >= MAX_SEALS_PER_SALT || !isWithin(current, now, MAX_SALT_AGE))
      return andThen(this.prepare(), keys => this.start(keys, now))
    current.seals++
    if (current.seals > PREPARE_SEALS || !isWithin(current, now, PREPARE_AGE)) this.prepare()
    return current.keys
  }

  /** The next pair, the same for all parallel calls. */
  private prepare(): MaybePromise<SealingKeys> {
    if (this.next) return this.next
    const next = this.create()
    // The waiting calls get the error. The next call tries again.
    if (next instanceof Promise) next.catch(() => { this.next = undefined })
    return this.next = next
  }

  private start(keys: SealingKeys, now: number): MaybePromise<SealingKeys> {
    if (this.current?.keys !== keys) {
      this.current = { keys, since: now, seals: 0 }
      this.next = undefined
    }
    // More seals may have waited for the pair than it may make.
    if (this.current.seals >= MAX_SEALS_PER_SALT) return this.take(now)
    this.current.seals++
    return keys
  }

  private create(): MaybePromise<SealingKeys> {
    const { keys, crypto: { randomBytes, hex }, encryptionSaltBits, integritySaltBits } = this.options
    const encryptionSalt = hex(randomBytes(Math.ceil(encryptionSaltBits / 8)))
    const integritySalt = hex(randomBytes(Math.ceil(integritySaltBits / 8)))
    return andThen(keys.deriveBoth(encryptionSalt, integritySalt), (derived) => {
      // The next requests send these seals.
      keys.addVerified({ encryptionSalt, integritySalt }, derived)
      return { encryptionSalt, integritySalt, ...derived }
    })
  }
}

/** Also `false` if the clock was set back. */
function isWithin({ since }: Pair, now: number, age: number): boolean {
  return now >= since && now - since < age
}
