import { isDataObject, isTime } from '../model/data'
import { MAX_CHALLENGE_LENGTH } from './challenge'
import { decodeBase64url, decodeBase64urlText } from './base64url'
import { toDeviceKey } from './key'
import type { DeviceKey } from './key'
import { parseStrictJson } from './strict-json'

/** The most characters of a token. Browsers send about 1000; longer tokens are refused before any crypto. */
export const MAX_DEVICE_TOKEN_LENGTH = 4096
/** R and S as 32 bytes each (RFC 7518, 3.4). A signature in DER has another length. */
const SIGNATURE_BYTES = 64
/** The clocks of devices are often wrong. The challenge, not the device's time, says whether a token is fresh. */
const MAX_CLOCK_SKEW_MS = 24 * 60 * 60 * 1000

/** A JSON Web Token of a browser, whose signature is not verified yet. */
export interface DeviceToken {
  /** Unset in a token that renews a proof. */
  readonly key: DeviceKey | undefined
  /** The challenge that the browser signed. */
  readonly challenge: string
  readonly signature: Uint8Array<ArrayBuffer>
  /** The part that the signature covers. */
  readonly signed: string
}

/** What a token is checked against. */
export interface TokenCheck {
  /** Milliseconds since 1970. */
  now: number
  /** Whether a token is for this server, by its `aud`. */
  isOwnAudience: (audience: string) => boolean
}

/** Reads a token of the one form that browsers send; `undefined` for any other. Costs no crypto. */
export function readDeviceToken(text: string, check: TokenCheck): DeviceToken | undefined {
  if (text.length > MAX_DEVICE_TOKEN_LENGTH) return undefined
  const [header = '', payload = '', signature = '', more] = text.split('.', 4)
  const bytes = decodeBase64url(signature)
  if (more !== undefined || bytes?.length !== SIGNATURE_BYTES) return undefined
  const head = readPart(header)
  const claims = readPart(payload)
  if (!head || !claims || !isHeader(head) || !areClaims(claims, check)) return undefined
  const key = toDeviceKey(head.jwk)
  if (Object.hasOwn(head, 'jwk') && !key) return undefined
  return { key, challenge: claims.jti, signature: bytes, signed: `${header}.${payload}` }
}

function readPart(text: string): Record<string, unknown> | undefined {
  const json = decodeBase64urlText(text)
  const value = json === undefined ? undefined : parseStrictJson(json)
  return isDataObject(value) ? value : undefined
}

/** A token with `crit` needs extensions, of which there are none here (RFC 7515, 4.1.11; `b64` is RFC 7797). */
function isHeader(header: Record<string, unknown>): boolean {
  return header.alg === 'ES256' && header.typ === 'dbsc+jwt' && !Object.hasOwn(header, 'crit') && !Object.hasOwn(header, 'b64')
}

function areClaims(claims: Record<string, unknown>, { now, isOwnAudience }: TokenCheck): claims is { jti: string } {
  const { jti, aud, iat, nbf, exp } = claims
  return typeof jti === 'string' && jti !== '' && jti.length <= MAX_CHALLENGE_LENGTH
    && (aud === undefined || (typeof aud === 'string' && isOwnAudience(aud)))
    && (iat === undefined || (isTime(iat) && Math.abs(iat * 1000 - now) <= MAX_CLOCK_SKEW_MS))
    && (nbf === undefined || (isTime(nbf) && nbf * 1000 - now <= MAX_CLOCK_SKEW_MS))
    && (exp === undefined || (isTime(exp) && exp * 1000 > now))
}
