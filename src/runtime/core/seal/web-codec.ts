import { base64urlEncode, encrypt, hmacWithPassword, unseal } from 'iron-webcrypto'
import type { CreateSealCodec } from '../config/seal-openers'
import { sealBase } from './seal'

/** The codec of iron-webcrypto, the reference implementation, for every runtime. It derives new keys for each seal. */
export const createWebCodec: CreateSealCodec = ({ password, seal, crypto }) => {
  // iron's type is narrower than TypeScript's `Crypto`.
  const webCrypto = (crypto ?? globalThis.crypto) as Parameters<typeof unseal>[0]
  return {
    // Not iron's own `seal`, which computes the end from the machine's clock.
    async seal(text, expiration) {
      const { encrypted, key } = await encrypt(webCrypto, password, seal.encryption, text)
      const base = sealBase(key.salt, base64urlEncode(key.iv), base64urlEncode(encrypted), expiration)
      const { salt, digest } = await hmacWithPassword(webCrypto, password, seal.integrity, base)
      return `${base}*${salt}*${digest}`
    },
    async open({ token }) {
      try {
        // The caller checks the end after the MAC. iron would check it first, so the skew switches that off.
        return JSON.stringify(await unseal(webCrypto, token, password, { ...seal, timestampSkewSec: Number.MAX_SAFE_INTEGER }))
      }
      catch {
        // iron throws the same kind of error for a wrong password and for unreadable content.
        return undefined
      }
    },
  }
}
