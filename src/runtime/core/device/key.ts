import { isDataObject } from '../model/data'
import type { SessionDevice } from '../model/types'

/** A public key on P-256, by its coordinates as base64url. */
export type DeviceKey = Pick<SessionDevice, 'x' | 'y'>

const COORDINATE_BYTES = 32
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The value of each character, by its code; -1 for the others. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => BASE64URL.indexOf(String.fromCharCode(code)))
/** Parts of private and symmetric keys (RFC 7518, 6.2.2, 6.3.2 and 6.4). */
const SECRET_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** The key of a JWK, if it is a public one on P-256. Whether the point is on the curve is checked when it is imported. */
export function toDeviceKey(jwk: unknown): DeviceKey | undefined {
  if (!isDataObject(jwk) || jwk.kty !== 'EC' || jwk.crv !== 'P-256' || SECRET_PARTS.some(part => Object.hasOwn(jwk, part))) return undefined
  const { x, y, alg, use } = jwk
  if ((alg !== undefined && alg !== 'ES256') || (use !== undefined && use !== 'sig')) return undefined
  return isCoordinate(x) && isCoordinate(y) ? { x, y } : undefined
}

/** Both are in the only form that {@link decodeBase64url} reads. */
export function isSameKey(one: DeviceKey, other: DeviceKey): boolean {
  return one.x === other.x && one.y === other.y
}

/** Names a key: its thumbprint (RFC 7638), in hexadecimal. */
export function thumbprintOf({ x, y }: DeviceKey, hash: (text: string) => string): string {
  return hash(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && decodeBase64url(value)?.length === COORDINATE_BYTES
}

/** The bytes of a text in the only base64url that encodes them, without padding (RFC 7515, 2); else `undefined`. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.floor(text.length * 6 / 8))
  let bits = 0
  let unused = 0
  let at = 0
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? -1
    if (value === -1) return undefined
    bits = bits << 6 | value
    unused += 6
    if (unused < 8) continue
    unused -= 8
    bytes[at++] = bits >> unused
    bits &= (1 << unused) - 1
  }
  // Else several texts would have the same bytes. With 6 bits, the last character says nothing.
  return unused < 6 && bits === 0 ? bytes : undefined
}
