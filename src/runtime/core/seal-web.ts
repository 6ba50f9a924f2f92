import { seal as ironSeal, unseal as ironUnseal } from 'iron-webcrypto'
import type { CreateSealCodec } from './seal-codec'

/**
 * iron-webcrypto: the reference, and the way of every runtime. It derives its keys anew each time.
 */
export const createWebCodec: CreateSealCodec = ({ password, seal, crypto }) => {
  // iron's own type asks for a little less than TypeScript's `Crypto` promises.
  const webCrypto = (crypto ?? globalThis.crypto) as Parameters<typeof ironSeal>[0]
  return {
    async seal(text, expiration) {
      // iron makes the end of its ttl and of its clock, which is read when it starts.
      // eslint-disable-next-line no-restricted-syntax -- the very clock that iron reads
      const options = { ...seal, ttl: 1, localtimeOffsetMsec: Number(expiration) - 1 - Date.now() }
      return ironSeal(webCrypto, JSON.parse(text), password, expiration === '' ? { ...seal, ttl: 0 } : options)
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
