import type { SealOptions } from 'iron-webcrypto'
import type { MaybePromise } from './maybe-promise'
import type { SealParts } from './seal-format'

/** Makes and opens iron seals with one password. */
export interface SealCodec {
  /**
   * Seals a text. `expiration` stands in the seal as it is given; `now`, in milliseconds since 1970, tells the
   * age of a salt.
   */
  seal: (text: string, expiration: string, now: number) => MaybePromise<string>
  /** The sealed text, or `undefined` where the MAC is not this password's or what it covers cannot be read. */
  open: (parts: SealParts) => MaybePromise<string | undefined>
}

export interface SealCodecOptions {
  password: string
  seal: SealOptions
  /** The call's own WebCrypto. */
  crypto: Crypto | undefined
  /** Whether derived keys may be kept. */
  isCached: boolean
}

export type CreateSealCodec = (options: SealCodecOptions) => SealCodec

/** One of the ways to open a seal, in the order in which they are tried. */
export interface SealOpener {
  codec: SealCodec
  /** Which of the configured passwords; 0 seals. */
  passwordIndex: number
  /** One iteration where more are configured. */
  isFallback: boolean
}

/** Every password, then every password with one iteration where the configuration allows that. */
export function createOpeners(
  create: CreateSealCodec,
  { passwords, seal, legacySealFallback, crypto, isCached }: Omit<SealCodecOptions, 'password'> & { passwords: readonly string[], legacySealFallback: boolean },
): SealOpener[] {
  const of = (options: SealOptions, isFallback: boolean) => passwords.map((password, passwordIndex) =>
    ({ codec: create({ password, seal: options, crypto, isCached }), passwordIndex, isFallback }))
  const isFallbackOf = legacySealFallback && seal.integrity.iterations !== 1
  return [...of(seal, false), ...isFallbackOf ? of(withIterations(seal, 1), true) : []]
}

/** The same seal with another number of iterations. */
export function withIterations(seal: SealOptions, iterations: number): SealOptions {
  return {
    ...seal,
    encryption: { ...seal.encryption, iterations },
    integrity: { ...seal.integrity, iterations },
  }
}
