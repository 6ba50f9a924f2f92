import { BoundedCache } from '../utils/bounded-cache'
import type { DeriveKey } from './key-derivation'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SealParts } from '../config/seal-openers'
import type { Bytes } from './crypto'

export interface KeyCacheOptions {
  password: string
  encryptionIterations: number
  integrityIterations: number
  derive: DeriveKey
  isCached: boolean
}

interface Keys { encryptionSalt: string, encryption: Bytes, integrity: Bytes }

const MAX_KEYS = 4096
const MAX_REJECTED_KEYS = 256
/** About the size of an entry: two keys and two salts. */
const BYTES_PER_KEYS = 512
// Our salts have 64 characters. Longer ones would let a client fill the memory.
const MAX_CACHED_SALT_LENGTH = 128

/**
 * The derived keys of one password, by the salt of the MAC. Only salts of verified MACs are added. With more than
 * one iteration, a second cache keeps the keys of a few salts whose MAC was wrong: a repeated forged salt is derived
 * once.
 */
export class KeyCache {
  private readonly verified = new BoundedCache<string, Keys>({ maxEntries: MAX_KEYS, maxBytes: MAX_KEYS * BYTES_PER_KEYS })
  private readonly rejected = new BoundedCache<string, Bytes>({ maxEntries: MAX_REJECTED_KEYS, maxBytes: MAX_REJECTED_KEYS * BYTES_PER_KEYS })
  private readonly deriving = new Map<string, MaybePromise<Bytes>>()

  constructor(private readonly options: KeyCacheOptions) {}

  /** Number of verified salts. */
  get size() { return this.verified.size }

  /** The key of the MAC. Rejects with an OverloadError if too many unverified salts wait. */
  integrityKey(salt: string): MaybePromise<Bytes> {
    return this.verified.get(salt)?.integrity
      ?? this.rejected.get(salt)
      ?? this.derive(salt, this.options.integrityIterations, true)
  }

  /** Both keys, if this pair of salts is cached. */
  cachedKeys({ encryptionSalt, integritySalt }: SealParts): Keys | undefined {
    const keys = this.verified.get(integritySalt)
    return keys?.encryptionSalt === encryptionSalt ? keys : undefined
  }

  /** For parts whose MAC was right. */
  encryptionKey(parts: SealParts): MaybePromise<Bytes> {
    return this.cachedKeys(parts)?.encryption ?? this.derive(parts.encryptionSalt, this.options.encryptionIterations, false)
  }

  /** Caches the keys of salts whose MAC was right. */
  addVerified({ encryptionSalt, integritySalt }: Pick<SealParts, 'encryptionSalt' | 'integritySalt'>, keys: Omit<Keys, 'encryptionSalt'>): void {
    if (!this.options.isCached || encryptionSalt.length + integritySalt.length > 2 * MAX_CACHED_SALT_LENGTH) return
    this.rejected.delete(integritySalt)
    if (this.verified.get(integritySalt)?.encryptionSalt === encryptionSalt) return
    // Slices of a new text keep nothing of the request in memory.
    const salts = `${integritySalt} ${encryptionSalt}`
    const { encryption, integrity } = keys
    const entry = { encryptionSalt: salts.slice(integritySalt.length + 1), encryption, integrity }
    this.verified.set(salts.slice(0, integritySalt.length), entry, BYTES_PER_KEYS)
  }

  /** Caches the key of a salt whose MAC was wrong, if it took more than one iteration. */
  addRejected(salt: string, key: Bytes): void {
    const { isCached, integrityIterations } = this.options
    if (!isCached || integrityIterations === 1 || salt.length > MAX_CACHED_SALT_LENGTH) return
    if (this.verified.get(salt) === undefined) this.rejected.set(detached(salt), key, BYTES_PER_KEYS)
  }

  /** Both keys of salts to seal with. */
  deriveBoth(encryptionSalt: string, integritySalt: string): MaybePromise<Omit<Keys, 'encryptionSalt'>> {
    const encryption = this.derive(encryptionSalt, this.options.encryptionIterations, false)
    const integrity = this.derive(integritySalt, this.options.integrityIterations, false)
    // If both fail, nobody awaits the second, and an unhandled rejection would end the process.
    if (integrity instanceof Promise) integrity.catch(() => undefined)
    return andThen(encryption, encryption => andThen(integrity, integrity => ({ encryption, integrity })))
  }

  /** Parallel calls for one salt share one derivation. */
  private derive(salt: string, iterations: number, isUnverified: boolean): MaybePromise<Bytes> {
    const shared = this.deriving.size > 0 && this.deriving.get(nameOf(salt, iterations, isUnverified))
    if (shared) return shared
    const key = this.options.derive(this.options.password, salt, iterations, isUnverified)
    if (!(key instanceof Promise)) return key
    const name = nameOf(salt, iterations, isUnverified)
    const settled = key.finally(() => this.deriving.delete(name))
    this.deriving.set(name, settled)
    return settled
  }
}

/** Separate names: the derivation of an unverified salt may be rejected, which must not fail our own seals. */
function nameOf(salt: string, iterations: number, isUnverified: boolean): string {
  return `${isUnverified ? 'unverified' : 'verified'}:${iterations}:${salt}`
}

/** A copy of a text that may be a slice of a header: V8 keeps the header in memory as long as the slice. */
export function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
