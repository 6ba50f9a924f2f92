import type * as NodeCrypto from 'node:crypto'
import type { VerifySignature } from '../../core/device/context'
import { decodeBase64url } from '../../core/device/base64url'

type Runtime = Pick<typeof NodeCrypto, 'createPublicKey' | 'verify'>

/** RFC 7515, A.3. */
const EXAMPLE: Parameters<VerifySignature> = [
  { x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' },
  decodeBase64url('DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q')!,
  'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
]

/**
 * Verifies ES256 (RFC 7518, 3.4): by `node:crypto` if it does in this runtime what it does in Node, else by WebCrypto.
 * WebCrypto costs three times as much CPU in a flood, because each signature goes through the pool of threads.
 */
export function createEs256(): VerifySignature {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  const byNode = crypto && nodeEs256(crypto)
  return byNode && isRight(byNode) ? byNode : webEs256(globalThis.crypto.subtle)
}

/** By `node:crypto`, without a promise. A key whose point is not on the curve verifies nothing. */
export function nodeEs256({ createPublicKey, verify }: Runtime): VerifySignature {
  return ({ x, y }, signature, signed) => {
    try {
      const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
      return verify('sha256', new TextEncoder().encode(signed), { key, dsaEncoding: 'ieee-p1363' }, signature)
    }
    catch {
      return false
    }
  }
}

/** By WebCrypto, on every runtime. A key whose point is not on the curve verifies nothing. */
export function webEs256(subtle: SubtleCrypto): VerifySignature {
  return async ({ x, y }, signature, signed) => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, algorithm, false, ['verify']).catch(() => undefined)
    return key !== undefined && await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, new TextEncoder().encode(signed))
  }
}

function isRight(verify: VerifySignature): boolean {
  const [key, signature, signed] = EXAMPLE
  return verify(key, signature, signed) === true && verify(key, signature, `${signed}.`) === false
}
