import { BoundedCache } from './bounded-cache'
import { detached } from './detached'
import type { DeriveKey } from './key-derivation'
import { andThen } from './maybe-promise'
import type { MaybePromise } from './maybe-promise'
import type { SealParts } from './seal-format'
import type { Bytes } from './sync-crypto'

export interface KeyRingOptions {
  password: string
  encryptionIterations: number
  integrityIterations: number
  derive: DeriveKey
  isCached: boolean
}

interface Keys { encryptionSalt: string, encryption: Bytes, integrity: Bytes }

const MAX_KEYS = 4096
const MAX_REFUSED_KEYS = 256
/** An entry with its two keys and two salts, about. */
const BYTES_PER_KEYS = 512
// Ours have 64 characters; a longer one is somebody else's choice of what to keep in memory.
const MAX_CACHED_SALT_LENGTH = 128

/**
 * The derived keys of one password, by the salt of the MAC. Only a salt whose MAC was right gets into the
 * cache; where deriving is dear, a few whose MAC was wrong are kept apart, so that the same forged salt is
 * derived once.
 */
export class KeyRing {
  private readonly accepted = new BoundedCache<string, Keys>({ maxEntries: MAX_KEYS, maxBytes: MAX_KEYS * BYTES_PER_KEYS })
  private readonly refused = new BoundedCache<string, Bytes>({ maxEntries: MAX_REFUSED_KEYS, maxBytes: MAX_REFUSED_KEYS * BYTES_PER_KEYS })
  private readonly deriving = new Map<string, MaybePromise<Bytes>>()

  constructor(private readonly options: KeyRingOptions) {}

  /** How many salts' keys are kept. */
  get size() { return this.accepted.size }

  /** Rejects with an OverloadError if too many salts of unknown seals are asked for. */
  integrityKey(salt: string): MaybePromise<Bytes> {
    return this.accepted.get(salt)?.integrity
      ?? this.refused.get(salt)
      ?? this.derive(salt, this.options.integrityIterations, true)
  }

  /** Both keys, where both salts are those of a MAC that was right. */
  keptKeys({ encryptionSalt, integritySalt }: SealParts): Keys | undefined {
    const keys = this.accepted.get(integritySalt)
    return keys?.encryptionSalt === encryptionSalt ? keys : undefined
  }

  /** For parts whose MAC was right. */
  encryptionKey({ encryptionSalt, integritySalt }: SealParts): MaybePromise<Bytes> {
    const keys = this.accepted.get(integritySalt)
    return keys?.encryptionSalt === encryptionSalt
      ? keys.encryption
      : this.derive(encryptionSalt, this.options.encryptionIterations, false)
  }

  /** Keeps the keys of salts whose MAC was right. */
  accept({ encryptionSalt, integritySalt }: Pick<SealParts, 'encryptionSalt' | 'integritySalt'>, keys: Omit<Keys, 'encryptionSalt'>): void {
    if (!this.options.isCached || encryptionSalt.length + integritySalt.length > 2 * MAX_CACHED_SALT_LENGTH) return
    this.refused.delete(integritySalt)
    if (this.accepted.get(integritySalt)?.encryptionSalt === encryptionSalt) return
    // Cut from a text of their own, they keep nothing of the request in memory.
    const salts = `${integritySalt} ${encryptionSalt}`
    const { encryption, integrity } = keys
    const kept = { encryptionSalt: salts.slice(integritySalt.length + 1), encryption, integrity }
    this.accepted.set(salts.slice(0, integritySalt.length), kept, BYTES_PER_KEYS)
  }

  /** Keeps the key of a salt whose MAC was wrong, where it was dear. */
  refuse(salt: string, key: Bytes): void {
    const { isCached, integrityIterations } = this.options
    if (!isCached || integrityIterations === 1 || salt.length > MAX_CACHED_SALT_LENGTH) return
    if (this.accepted.get(salt) === undefined) this.refused.set(detached(salt), key, BYTES_PER_KEYS)
  }

  /** Keys of salts that are to be sealed with; requests that ask for the same salt at once share the work. */
  deriveBoth(encryptionSalt: string, integritySalt: string): MaybePromise<Omit<Keys, 'encryptionSalt'>> {
    const encryption = this.derive(encryptionSalt, this.options.encryptionIterations, false)
    const integrity = this.derive(integritySalt, this.options.integrityIterations, false)
    // Where both fail, the first says so; nobody looks at the second then, and that would end the process.
    if (integrity instanceof Promise) integrity.catch(() => undefined)
    return andThen(encryption, encryption => andThen(integrity, integrity => ({ encryption, integrity })))
  }

  private derive(salt: string, iterations: number, isUnproven: boolean): MaybePromise<Bytes> {
    const shared = this.deriving.size > 0 && this.deriving.get(nameOf(salt, iterations, isUnproven))
    if (shared) return shared
    const key = this.options.derive(this.options.password, salt, iterations, isUnproven)
    if (!(key instanceof Promise)) return key
    const name = nameOf(salt, iterations, isUnproven)
    const settled = key.finally(() => this.deriving.delete(name))
    this.deriving.set(name, settled)
    return settled
  }
}

/** An unproven one may be refused: nobody else waits for it. */
function nameOf(salt: string, iterations: number, isUnproven: boolean): string {
  return `${isUnproven ? 'unproven' : 'proven'}:${iterations}:${salt}`
}
