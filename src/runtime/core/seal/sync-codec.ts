import { BoundedCache } from '../utils/bounded-cache'
import { createKeyDerivation } from './key-derivation'
import { KeyCache } from './key-cache'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { CreateSealCodec, SealCodec, SealCodecOptions, SealParts } from '../config/seal-openers'
import { sealBase } from './format'
import { createWebCodec } from './web-codec'
import { SealingSalts } from './salts'
import type { SealingKeys } from './salts'
import type { Bytes, SyncCrypto } from './crypto'

/** The caches of one password, shared by all configurations with the same password and seal options. */
interface PasswordCaches { keys: KeyCache, salts: SealingSalts }

// Far more than an app has. The limit is for apps that generate passwords.
const MAX_PASSWORDS = 64

/**
 * Creates codecs with synchronous crypto. They return a promise only if a key is derived with more than one iteration.
 * Unsupported options, such as another cipher, use iron-webcrypto.
 */
export function createSyncCodecs(crypto: SyncCrypto): CreateSealCodec {
  const derive = createKeyDerivation(crypto)
  const fingerprintOf = createFingerprint(crypto)
  const passwords = new BoundedCache<string, PasswordCaches>({ maxEntries: MAX_PASSWORDS, maxBytes: MAX_PASSWORDS })

  function cachesOf({ password, seal: { encryption, integrity }, isCached }: SealCodecOptions): PasswordCaches {
    const name = fingerprintOf(JSON.stringify([password, isCached, encryption.iterations, integrity.iterations, encryption.saltBits, integrity.saltBits]))
    const found = passwords.get(name)
    if (found) return found
    const keys = new KeyCache({ password, encryptionIterations: encryption.iterations, integrityIterations: integrity.iterations, derive, isCached })
    const salts = new SealingSalts({
      keys, crypto, isReused: isCached,
      encryptionSaltBits: encryption.saltBits ?? 0, integritySaltBits: integrity.saltBits ?? 0,
    })
    passwords.set(name, { keys, salts }, 1)
    return { keys, salts }
  }

  return options => isSupported(options) ? createSyncCodec(cachesOf(options), crypto, options.isCached) : createWebCodec(options)
}

/** Synchronous codecs if the runtime supports them, else those of iron-webcrypto. */
export function createSealCodecs(crypto: SyncCrypto | undefined): CreateSealCodec {
  return crypto ? createSyncCodecs(crypto) : createWebCodec
}

function isSupported({ password, seal, crypto }: SealCodecOptions): boolean {
  return crypto === undefined
    && seal.encryption.algorithm === 'aes-256-cbc' && seal.integrity.algorithm === 'sha256'
    && [seal.encryption, seal.integrity].every(part => part.saltBits && part.saltBits > 0 && password.length >= part.minPasswordlength)
}

/** Names a password by a MAC with a secret of the process, so that the name is useless for guessing the password. */
function createFingerprint({ mac, randomBytes }: SyncCrypto): (text: string) => string {
  // Lazy, because workers have no randomness before their first request.
  let secret: ReturnType<typeof randomBytes> | undefined
  return text => mac(text, secret ??= randomBytes(32))
}

function createSyncCodec({ keys, salts }: PasswordCaches, crypto: SyncCrypto, isCached: boolean): SealCodec {
  const { mac, isSameMac, encrypt, decrypt } = crypto

  function write(text: string, expiration: string, sealing: SealingKeys): string {
    const { iv, ciphertext } = encrypt(text, sealing.encryption, isCached)
    const base = sealBase(sealing.encryptionSalt, iv, ciphertext, expiration)
    return `${base}*${sealing.integritySalt}*${mac(base, sealing.integrity)}`
  }

  const isAuthentic = (parts: SealParts, integrity: Bytes) => isSameMac(mac(parts.base, integrity), parts.mac)

  function openUncached(parts: SealParts): MaybePromise<string | undefined> {
    return andThen(keys.integrityKey(parts.integritySalt), (integrity) => {
      if (!isAuthentic(parts, integrity)) {
        keys.addRejected(parts.integritySalt, integrity)
        return undefined
      }
      return andThen(keys.encryptionKey(parts), (encryption) => {
        keys.addVerified(parts, { encryption, integrity })
        return decrypt(parts.ciphertext, parts.iv, encryption, false)
      })
    })
  }

  return {
    seal: (text, expiration, now) => andThen(salts.take(now), sealing => write(text, expiration, sealing)),
    open(parts) {
      const cached = keys.cachedKeys(parts)
      if (cached === undefined) return openUncached(parts)
      return isAuthentic(parts, cached.integrity) ? decrypt(parts.ciphertext, parts.iv, cached.encryption, true) : undefined
    },
  }
}
