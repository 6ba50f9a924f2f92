import { base64urlEncode, encrypt, hmacWithPassword, unseal as ironUnseal } from 'iron-webcrypto'
import type { CreateSealCodec } from './seal-codec'
import { sealBase } from './seal-format'

/**
 * iron-webcrypto: the reference, and the way of every runtime. It derives its keys anew each time.
 */
export const createWebCodec: CreateSealCodec = ({ password, seal, crypto }) => {
  // iron's own type asks for a little less than TypeScript's `Crypto` promises.
  const webCrypto = (crypto ?? globalThis.crypto) as Parameters<typeof ironUnseal>[0]
  return {
    // Of iron's parts: its `seal` counts the end from its own look at the clock.
    async seal(text, expiration) {
      const { encrypted, key } = await encrypt(webCrypto, password, seal.encryption, text)
      const base = sealBase(key.salt, base64urlEncode(key.iv), base64urlEncode(encrypted), expiration)
      const { salt, digest } = await hmacWithPassword(webCrypto, password, seal.integrity, base)
      return `${base}*${salt}*${digest}`
    },
    async open({ token }) {
      try {
        // The end of the seal is checked exactly, after the MAC; iron's own check must not come before it.
        return JSON.stringify(await ironUnseal(webCrypto, token, password, { ...seal, timestampSkewSec: Number.MAX_SAFE_INTEGER }))
      }
      catch {
        // iron has one kind of error for all: not sealed with this password, or not readable.
        return undefined
      }
    },
  }
}
