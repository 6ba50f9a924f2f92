import { DEVICE_LIFETIME } from '../config/device-bound'
import type { ResolvedConfig } from '../config/types'
import { isDataObject } from '../model/data'
import type { RejectReason } from '../model/errors'
import { openCached } from '../seal/open-cached'
import { sealText } from '../seal/seal'
import type { MaybePromise } from '../utils/maybe-promise'

/**
 * How long the proof of a login lasts at most, in milliseconds. Requests that a browser sends before it has the answer
 * to its registration may arrive after the session was bound.
 */
export const LOGIN_PROOF_MS = 60 * 1000

/** The session and the key that a proof is for. */
export interface Proven {
  /** The session's handle. */
  handle: string
  /** The key's thumbprint. Unset after a login, until its key is registered: any key of the session. */
  thumbprint?: string
  /** Whether it is of a login that proved no key. */
  isOfLogin?: boolean
}

/** A valid proof of a request. */
export interface RequestProof {
  /** Milliseconds since 1970. */
  until: number
  /** Whether it proves no key, but only that the browser has the answer of the login. */
  isOfLogin: boolean
}

/** Why a request does not prove the key of its session. */
export type ProofFailure =
  /** There is no cookie with a proof. */
  | 'missing'
  /** The proof has ended. */
  | 'expired'
  /** It is not a proof that this app has sealed. */
  | 'invalid'
  /** It is for another session or key. */
  | 'foreign'
  /** The session's token is in a header, and only cookies are proven. */
  | 'header'

/** How long a proof lasts, in milliseconds. A bound session stays bound after the option was switched off. */
export function proofLifetime({ deviceBound = DEVICE_LIFETIME }: Pick<ResolvedConfig, 'deviceBound'>): number {
  return deviceBound * 1000
}

/** Seals a proof for the browser's cookie. `end` is in milliseconds since 1970. */
export function sealProof({ handle, thumbprint, isOfLogin }: Proven, end: number, config: ResolvedConfig, now: number): MaybePromise<string> {
  return sealText(JSON.stringify({ kind: 'device-proof', name: config.name, handle, thumbprint, isOfLogin }), String(Math.ceil(end)), config, now)
}

/** The proof of a session's key in a cookie, or why it is none. A browser sends it with many requests. */
export async function checkProof(
  cookie: string | undefined, session: Required<Pick<Proven, 'handle' | 'thumbprint'>>, config: ResolvedConfig, now: number,
): Promise<RequestProof | { failure: ProofFailure }> {
  if (!cookie) return { failure: 'missing' }
  const proof = await openCached(cookie, config, now, (value, { expiration }) => toProof(value, expiration, session, config))
  if (!('reason' in proof)) return proof
  if (proof.reason === 'expired') return { failure: 'expired' }
  return { failure: proof.reason === 'foreign' ? 'foreign' : 'invalid' }
}

function toProof(
  value: unknown, expiration: string | undefined, { handle, thumbprint }: Required<Pick<Proven, 'handle' | 'thumbprint'>>, { name }: ResolvedConfig,
): RequestProof | { reason: RejectReason } {
  if (!isDataObject(value) || value.kind !== 'device-proof') return { reason: 'malformed' }
  // A key is of one login, so its proof holds for each id of it: a renewal's answer may arrive after that of a new id.
  const isOfSession = value.thumbprint === undefined ? value.handle === handle : value.thumbprint === thumbprint
  if (value.name !== name || !isOfSession) return { reason: 'foreign' }
  return { until: Number(expiration), isOfLogin: value.isOfLogin === true }
}
