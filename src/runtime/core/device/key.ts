import { decodeBase64url } from './base64url'
import { isDataObject } from '../model/data'
import type { SessionDevice } from '../model/types'

/** A public key on P-256, by its coordinates as base64url. */
export type DeviceKey = Pick<SessionDevice, 'x' | 'y'>

const COORDINATE_BYTES = 32
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
