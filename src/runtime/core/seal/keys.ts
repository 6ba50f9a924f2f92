import type { SealCodecOptions, SealParts } from '../config/seal-openers'
import { BoundedCache } from '../utils/bounded-cache'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { Bytes } from './crypto'

/** Derives the key of a salt as iron does. If too many unverified salts wait, the promise rejects with an {@link OverloadError}. */
export type DeriveKey = (password: string, salt: string, iterations: number, isUnverified?: boolean) => MaybePromise<Bytes>

/** Too many unverified salts wait. This one was not derived, so its seal could not be checked. */
export class OverloadError extends Error {}

interface Keys { encryption: Bytes, integrity: Bytes }
interface Salts { encryptionSalt: string, integritySalt: string }
export type SaltedKeys = Salts & Keys

const MAX_KEYS = 4096
const MAX_REJECTED_KEYS = 256
// Our salts have 64 characters. Longer ones would let a client fill the memory.
const MAX_CACHED_SALT_LENGTH = 128

/**
 * The derived keys of one password, by the MAC's salt. Only salts of verified MACs are added. With more than one
 * iteration, a second cache keeps the keys of a few wrong MACs, so that a repeated forged salt is derived once.
 */
export class KeyCache {
  private readonly verified = new BoundedCache<string, Omit<SaltedKeys, 'integritySalt'>>({ maxEntries: MAX_KEYS })
  private readonly rejected = new BoundedCache<string, Bytes>({ maxEntries: MAX_REJECTED_KEYS })
  private readonly deriving = new Map<string, Promise<Bytes>>()

  constructor(private readonly options: Omit<SealCodecOptions, 'crypto'>, private readonly deriveKey: DeriveKey) {}

  get size() { return this.verified.size }

  /** The key of the MAC. Rejects with an OverloadError if too many unverified salts wait. */
  integrityKey(parts: Pick<SealParts, 'integritySalt' | 'derivedIterations'>): MaybePromise<Bytes> {
    const { integritySalt: salt } = parts
    const known = this.verified.get(salt)?.integrity ?? this.rejected.get(salt)
    if (known) return known
    return this.derive(salt, this.options.seal.integrity.iterations, parts)
  }

  cachedKeys({ encryptionSalt, integritySalt }: Salts): Keys | undefined {
    const keys = this.verified.get(integritySalt)
    return keys?.encryptionSalt === encryptionSalt ? keys : undefined
  }

  /** For parts whose MAC was right. */
  encryptionKey(parts: Salts): MaybePromise<Bytes> {
    return this.cachedKeys(parts)?.encryption ?? this.derive(parts.encryptionSalt, this.options.seal.encryption.iterations)
  }

  /** Caches the keys of salts whose MAC was right. */
  addVerified({ encryptionSalt, integritySalt }: Salts, { encryption, integrity }: Keys): void {
    if (!this.options.isCached || encryptionSalt.length + integritySalt.length > 2 * MAX_CACHED_SALT_LENGTH) return
    this.rejected.delete(integritySalt)
    if (this.verified.get(integritySalt)?.encryptionSalt === encryptionSalt) return
    // Slices of a new text keep nothing of the request in memory.
    const salts = `${integritySalt} ${encryptionSalt}`
    const entry = { encryptionSalt: salts.slice(integritySalt.length + 1), encryption, integrity }
    this.verified.set(salts.slice(0, integritySalt.length), entry)
  }

  /** Caches the key of a salt whose MAC was wrong, if it took more than one iteration. */
  addRejected(salt: string, key: Bytes): void {
    const { isCached, seal } = this.options
    if (!isCached || seal.integrity.iterations === 1 || salt.length > MAX_CACHED_SALT_LENGTH) return
    // V8 keeps a whole header in memory as long as a slice of it exists.
    const copy = JSON.parse(JSON.stringify(salt)) as string
    if (this.verified.get(salt) === undefined) this.rejected.set(copy, key)
  }

  /** Derives and caches both keys of salts to seal with. The next requests send these seals. */
  createKeys(salts: Salts): MaybePromise<SaltedKeys> {
    const { seal } = this.options
    const encryption = this.derive(salts.encryptionSalt, seal.encryption.iterations)
    const integrity = this.derive(salts.integritySalt, seal.integrity.iterations)
    // If both fail, nobody awaits the second, and an unhandled rejection would end the process.
    if (integrity instanceof Promise) integrity.catch(() => undefined)
    return andThen(encryption, encryption => andThen(integrity, (integrity) => {
      this.addVerified(salts, { encryption, integrity })
      return { ...salts, encryption, integrity }
    }))
  }

  /**
   * Parallel calls for one salt share one derivation, which counts for the first of them: else copies of one forged
   * token would use up the budget of all. `unverified`: the token of the salt, if its MAC is not verified.
   */
  private derive(salt: string, iterations: number, unverified?: Pick<SealParts, 'derivedIterations'>): MaybePromise<Bytes> {
    const { password } = this.options
    const isUnverified = unverified !== undefined
    if (iterations === 1) return this.deriveKey(password, salt, 1, isUnverified)
    // Separate names: the derivation of an unverified salt may be rejected, which must not fail our own seals.
    const name = `${isUnverified ? 'unverified' : 'verified'}:${iterations}:${salt}`
    const shared = this.deriving.get(name)
    if (shared) return shared
    if (unverified) unverified.derivedIterations += iterations
    const key = this.deriveKey(password, salt, iterations, isUnverified)
    if (!(key instanceof Promise)) return key
    const settled = key.finally(() => this.deriving.delete(name))
    this.deriving.set(name, settled)
    return settled
  }
}
