import { BoundedCache } from './bounded-cache'
import { createKeyDerivation } from './key-derivation'
import { KeyRing } from './key-ring'
import { andThen } from './maybe-promise'
import type { MaybePromise } from './maybe-promise'
import type { CreateSealCodec, SealCodec, SealCodecOptions } from './seal-codec'
import { sealBase } from './seal-format'
import type { SealParts } from './seal-format'
import { createWebCodec } from './seal-web'
import { SealingSalts } from './sealing-salts'
import type { SealingKeys } from './sealing-salts'
import type { Bytes, SyncCrypto } from './sync-crypto'

/** What is kept of a password, whichever of the configurations uses it. */
interface PasswordKeys { ring: KeyRing, salts: SealingSalts }

// Far more than an app has; a bound for apps that make passwords up.
const MAX_PASSWORDS = 64

/**
 * The same seals without a promise where nothing has to be derived with many iterations. What it does not know,
 * such as another cipher, is iron-webcrypto's.
 */
export function createSyncCodecs(crypto: SyncCrypto): CreateSealCodec {
  const derive = createKeyDerivation(crypto)
  const fingerprintOf = createFingerprint(crypto)
  const known = new BoundedCache<string, PasswordKeys>({ maxEntries: MAX_PASSWORDS, maxBytes: MAX_PASSWORDS })

  function keysOf({ password, seal: { encryption, integrity }, isCached }: SealCodecOptions): PasswordKeys {
    const name = fingerprintOf(JSON.stringify([password, isCached, encryption.iterations, integrity.iterations, encryption.saltBits, integrity.saltBits]))
    const found = known.get(name)
    if (found) return found
    const ring = new KeyRing({ password, encryptionIterations: encryption.iterations, integrityIterations: integrity.iterations, derive, isCached })
    const salts = new SealingSalts({
      ring, crypto, isReused: isCached,
      encryptionSaltBits: encryption.saltBits ?? 0, integritySaltBits: integrity.saltBits ?? 0,
    })
    known.set(name, { ring, salts }, 1)
    return { ring, salts }
  }

  return options => isSupported(options) ? createSyncCodec(keysOf(options), crypto, options.isCached) : createWebCodec(options)
}

function isSupported({ password, seal, crypto }: SealCodecOptions): boolean {
  return crypto === undefined
    && seal.encryption.algorithm === 'aes-256-cbc' && seal.integrity.algorithm === 'sha256'
    && [seal.encryption, seal.integrity].every(part => part.saltBits && part.saltBits > 0 && password.length >= part.minPasswordlength)
}

/** Names a password without being one: who finds the name in memory cannot try passwords against it elsewhere. */
function createFingerprint({ mac, randomBytes }: SyncCrypto): (text: string) => string {
  // Not at once: workers have no randomness before their first request.
  let secret: ReturnType<typeof randomBytes> | undefined
  return text => mac(text, secret ??= randomBytes(32))
}

function createSyncCodec({ ring, salts }: PasswordKeys, crypto: SyncCrypto, isCached: boolean): SealCodec {
  const { mac, isSameMac, encrypt, decrypt } = crypto

  function write(text: string, expiration: string, keys: SealingKeys): string {
    const { iv, ciphertext } = encrypt(text, keys.encryption, isCached)
    const base = sealBase(keys.encryptionSalt, iv, ciphertext, expiration)
    return `${base}*${keys.integritySalt}*${mac(base, keys.integrity)}`
  }

  const isAuthentic = (parts: SealParts, integrity: Bytes) => isSameMac(mac(parts.base, integrity), parts.mac)

  function openNew(parts: SealParts): MaybePromise<string | undefined> {
    return andThen(ring.integrityKey(parts.integritySalt), (integrity) => {
      if (!isAuthentic(parts, integrity)) {
        ring.refuse(parts.integritySalt, integrity)
        return undefined
      }
      return andThen(ring.encryptionKey(parts), (encryption) => {
        ring.accept(parts, { encryption, integrity })
        return decrypt(parts.ciphertext, parts.iv, encryption, false)
      })
    })
  }

  return {
    seal: (text, expiration, now) => andThen(salts.take(now), keys => write(text, expiration, keys)),
    open(parts) {
      const kept = ring.keptKeys(parts)
      if (kept === undefined) return openNew(parts)
      return isAuthentic(parts, kept.integrity) ? decrypt(parts.ciphertext, parts.iv, kept.encryption, true) : undefined
    },
  }
}
