import type { SealOptions } from 'iron-webcrypto'
import type { MaybePromise } from '../utils/maybe-promise'
import type { SealParts } from './format'

/** Makes and opens iron seals with one password. */
export interface SealCodec {
  /** Seals a text. `expiration` is written as given; `now` (milliseconds since 1970) limits the age of a reused salt. */
  seal: (text: string, expiration: string, now: number) => MaybePromise<string>
  /** The sealed text; `undefined` if the MAC is wrong for this password or the content cannot be decrypted. */
  open: (parts: SealParts) => MaybePromise<string | undefined>
}

export interface SealCodecOptions {
  password: string
  seal: SealOptions
  /** The `crypto` option of the call. */
  crypto: Crypto | undefined
  /** Whether derived keys may be cached. */
  isCached: boolean
}

export type CreateSealCodec = (options: SealCodecOptions) => SealCodec

/** One way to open a seal. */
export interface SealOpener {
  codec: SealCodec
  /** Index among the configured passwords; 0 seals. */
  passwordIndex: number
  /** The fallback to one iteration, if more are configured. */
  isFallback: boolean
}

/** The openers in the order of trial: every password, then every password with the fallback to one iteration. */
export function createOpeners(
  create: CreateSealCodec,
  { passwords, seal, legacySealFallback, crypto, isCached }: Omit<SealCodecOptions, 'password'> & { passwords: readonly string[], legacySealFallback: boolean },
): SealOpener[] {
  const openersWith = (options: SealOptions, isFallback: boolean) => passwords.map((password, passwordIndex) =>
    ({ codec: create({ password, seal: options, crypto, isCached }), passwordIndex, isFallback }))
  const hasFallback = legacySealFallback && seal.integrity.iterations !== 1
  return [...openersWith(seal, false), ...hasFallback ? openersWith(withIterations(seal, 1), true) : []]
}

/** The same options with another number of iterations. */
export function withIterations(seal: SealOptions, iterations: number): SealOptions {
  return {
    ...seal,
    encryption: { ...seal.encryption, iterations },
    integrity: { ...seal.integrity, iterations },
  }
}
