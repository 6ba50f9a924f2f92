import type { SealOptions } from 'iron-webcrypto'
import type { MaybePromise } from '../utils/maybe-promise'

/** The parts of an iron seal. Nothing is verified yet. */
export interface SealParts {
  readonly token: string
  readonly encryptionSalt: string
  readonly iv: string
  readonly ciphertext: string
  /** Milliseconds since 1970, or `''` for no end. */
  readonly expiration: string
  readonly integritySalt: string
  /** The part that the MAC covers. */
  readonly base: string
  readonly mac: string
  /** The iterations of the keys that were derived to verify this token. Keys of one iteration are not counted. */
  derivedIterations: number
}

/** Makes and opens iron seals with one password. */
export interface SealCodec {
  /** Seals a text. `expiration` is written as given; `now` (milliseconds since 1970) limits the age of a reused salt. */
  seal: (text: string, expiration: string, now: number) => MaybePromise<string>
  /** The sealed text; `undefined` if the MAC is wrong for this password or the content cannot be decrypted. */
  open: (parts: SealParts) => MaybePromise<string | undefined>
  /** Called after no password opened the seal. */
  addForged?: (parts: SealParts) => void
}

export interface SealCodecOptions {
  password: string
  seal: SealOptions
  crypto: Crypto | undefined
  isCached: boolean
}

export type CreateSealCodec = (options: SealCodecOptions) => SealCodec

export interface SealOpener {
  codec: SealCodec
  /** Index among the configured passwords. 0 is the one that seals; others are rotated passwords. */
  passwordIndex: number
  /** The fallback to one iteration, if more are configured. */
  isFallback: boolean
}

/** The openers in the order of trial: every password, then every password with the fallback to one iteration. */
export function createOpeners(
  create: CreateSealCodec | undefined,
  { passwords, seal, legacySealFallback, crypto, isCached }: Omit<SealCodecOptions, 'password'> & { passwords: readonly string[], legacySealFallback: boolean },
): SealOpener[] {
  if (create === undefined) return []
  const openersWith = (options: SealOptions, isFallback: boolean) => passwords.map((password, passwordIndex) =>
    ({ codec: create({ password, seal: options, crypto, isCached }), passwordIndex, isFallback }))
  const hasFallback = legacySealFallback && seal.integrity.iterations !== 1
  return [...openersWith(seal, false), ...hasFallback ? openersWith(withIterations(seal, 1), true) : []]
}

export function withIterations(seal: SealOptions, iterations: number): SealOptions {
  return { ...seal, encryption: { ...seal.encryption, iterations }, integrity: { ...seal.integrity, iterations } }
}
