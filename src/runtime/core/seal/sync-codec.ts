import { BoundedCache } from '../utils/bounded-cache'
import { createDerivation } from './derivation'
import { KeyCache } from './keys'
import type { SaltedKeys } from './keys'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { CreateSealCodec, SealCodec, SealCodecOptions, SealParts } from '../config/seal-openers'
import { sealBase } from './seal'
import { loadOnce } from '../utils/lazily'
import type { Bytes, SyncCrypto } from './crypto'

/** The caches of one password, shared by all configurations with the same password and seal options. */
interface PasswordCaches { keys: KeyCache, salts: SealingSalts }

// Far more than an app has. The limit is for apps that generate passwords.
const MAX_PASSWORDS = 64

/** Codecs are synchronous for keys of one iteration. Unsupported options and runtimes use iron-webcrypto. */
export function createSealCodecs(crypto: SyncCrypto | undefined): CreateSealCodec {
  if (crypto === undefined) return createLoadedWebCodec
  const { derive, addForged } = createDerivation(crypto)
  const passwords = new BoundedCache<string, PasswordCaches>({ maxEntries: MAX_PASSWORDS })
  // Lazy, because workers have no randomness before their first request.
  let secret: Bytes | undefined

  const cachesOf = (options: SealCodecOptions): PasswordCaches => {
    const { password, seal: { encryption, integrity }, isCached } = options
    const text = JSON.stringify([password, isCached, encryption.iterations, integrity.iterations, encryption.saltBits, integrity.saltBits])
    // A MAC with a secret of the process is useless for guessing the password.
    const name = crypto.mac(text, secret ??= crypto.randomBytes(32))
    const found = passwords.get(name)
    if (found) return found
    const keys = new KeyCache(options, derive)
    const salts = new SealingSalts(options, keys, crypto)
    passwords.set(name, { keys, salts })
    return { keys, salts }
  }

  return options => isSupported(options) ? createSyncCodec(cachesOf(options), crypto, options.isCached, addForged) : createLoadedWebCodec(options)
}

/** Most servers do not load the code of iron-webcrypto. */
function createLoadedWebCodec(options: SealCodecOptions): SealCodec {
  const load = loadOnce(async () => (await import('./web-codec')).createWebCodec(options))
  return {
    seal: (...args) => andThen(load(), codec => codec.seal(...args)),
    open: parts => andThen(load(), codec => codec.open(parts)),
  }
}

function isSupported({ password, seal, crypto }: SealCodecOptions): boolean {
  return crypto === undefined
    && seal.encryption.algorithm === 'aes-256-cbc' && seal.integrity.algorithm === 'sha256'
    && [seal.encryption, seal.integrity].every(part => part.saltBits && part.saltBits > 0 && password.length >= part.minPasswordlength)
}

function createSyncCodec({ keys, salts }: PasswordCaches, crypto: SyncCrypto, isCached: boolean, addForged: (iterations: number) => void): SealCodec {
  const isAuthentic = (parts: SealParts, integrity: Bytes) => crypto.isSameMac(crypto.mac(parts.base, integrity), parts.mac)

  function write(text: string, expiration: string, sealing: SaltedKeys): string {
    const { iv, ciphertext } = crypto.encrypt(text, sealing.encryption, isCached)
    const base = sealBase(sealing.encryptionSalt, iv, ciphertext, expiration)
    return `${base}*${sealing.integritySalt}*${crypto.mac(base, sealing.integrity)}`
  }

  function openUncached(parts: SealParts): MaybePromise<string | undefined> {
    return andThen(keys.integrityKey(parts), (integrity) => {
      if (!isAuthentic(parts, integrity)) {
        keys.addRejected(parts.integritySalt, integrity)
        return undefined
      }
      return andThen(keys.encryptionKey(parts), (encryption) => {
        keys.addVerified(parts, { encryption, integrity })
        return crypto.decrypt(parts.ciphertext, parts.iv, encryption, false)
      })
    })
  }

  return {
    seal: (text, expiration, now) => andThen(salts.take(now), sealing => write(text, expiration, sealing)),
    open(parts) {
      const cached = keys.cachedKeys(parts)
      if (cached === undefined) return openUncached(parts)
      return isAuthentic(parts, cached.integrity) ? crypto.decrypt(parts.ciphertext, parts.iv, cached.encryption, true) : undefined
    },
    addForged({ derivedIterations }) {
      if (derivedIterations > 0) addForged(derivedIterations)
    },
  }
}

/** Maximum number of seals per pair of salts. Each has a fresh IV. */
export const MAX_SEALS_PER_SALT = 10_000
/** Maximum use of a pair of salts, in milliseconds. */
export const MAX_SALT_AGE = 5 * 60 * 1000
// From here on the next pair is derived in advance, so that no seal waits for it.
const PREPARE_SEALS = 0.9 * MAX_SEALS_PER_SALT
const PREPARE_AGE = 0.8 * MAX_SALT_AGE

interface Pair { keys: SaltedKeys, since: number, seals: number }

/** The salts of new seals. They are reused, because deriving keys would be most of the work of a seal. */
export class SealingSalts {
  private current: Pair | undefined
  private next: MaybePromise<SaltedKeys> | undefined

  constructor(
    private readonly options: Pick<SealCodecOptions, 'seal' | 'isCached'>,
    private readonly keys: KeyCache,
    private readonly crypto: Pick<SyncCrypto, 'randomBytes' | 'hex'>,
  ) {}

  take(now: number): MaybePromise<SaltedKeys> {
    if (!this.options.isCached) return this.create()
    const current = this.current
    if (!current || current.seals >= MAX_SEALS_PER_SALT || !isWithin(current, now, MAX_SALT_AGE))
      return andThen(this.prepare(), keys => this.start(keys, now))
    current.seals++
    if (current.seals > PREPARE_SEALS || !isWithin(current, now, PREPARE_AGE)) this.prepare()
    return current.keys
  }

  /** The next pair, the same for all parallel calls. */
  private prepare(): MaybePromise<SaltedKeys> {
    if (this.next) return this.next
    const next = this.create()
    // The waiting calls get the error. The next call tries again.
    if (next instanceof Promise) next.catch(() => { this.next = undefined })
    return this.next = next
  }

  private start(keys: SaltedKeys, now: number): MaybePromise<SaltedKeys> {
    if (this.current?.keys !== keys) {
      this.current = { keys, since: now, seals: 0 }
      this.next = undefined
    }
    // More seals may have waited for the pair than it may make.
    if (this.current.seals >= MAX_SEALS_PER_SALT) return this.take(now)
    this.current.seals++
    return keys
  }

  private create(): MaybePromise<SaltedKeys> {
    const { encryption, integrity } = this.options.seal
    const salt = (bits = 0) => this.crypto.hex(this.crypto.randomBytes(Math.ceil(bits / 8)))
    return this.keys.createKeys({ encryptionSalt: salt(encryption.saltBits), integritySalt: salt(integrity.saltBits) })
  }
}

/** Also `false` if the clock was set back. */
function isWithin({ since }: Pair, now: number, age: number): boolean {
  return now >= since && now - since < age
}
