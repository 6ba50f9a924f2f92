import type { ResolvedConfig } from '../config/types'
import { isDataObject } from '../model/data'
import { sealText, unsealToken } from '../seal/seal'
import type { MaybePromise } from '../utils/maybe-promise'

/** The session and the key that a proof is for. */
export interface Proven {
  /** The session's handle. */
  handle: string
  /** The key's thumbprint. */
  thumbprint: string
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

/** The cookie with the proof that the browser has its session's key. */
export function proofCookieOf(name: string): string {
  return `${name}-device`
}

/** Seals a proof for the browser's cookie. `end` is in milliseconds since 1970. */
export function sealProof({ handle, thumbprint }: Proven, end: number, config: ResolvedConfig, now: number): MaybePromise<string> {
  return sealText(JSON.stringify({ kind: 'device-proof', name: config.name, handle, thumbprint }), String(Math.ceil(end)), config, now)
}

/** Until when a cookie proves the key of a session, in milliseconds since 1970, or why it does not. */
export async function checkProof(
  cookie: string | undefined, { handle, thumbprint }: Proven, config: ResolvedConfig, now: number,
): Promise<{ until: number } | { failure: ProofFailure }> {
  if (!cookie) return { failure: 'missing' }
  const opened = await unsealToken(cookie, config, now)
  if (!('value' in opened) || !isDataObject(opened.value)) return { failure: 'invalid' }
  const { kind, name, ...proven } = opened.value
  if (kind !== 'device-proof') return { failure: 'invalid' }
  if (name !== config.name || proven.handle !== handle || proven.thumbprint !== thumbprint) return { failure: 'foreign' }
  return opened.ok ? { until: Number(opened.expiration) } : { failure: 'expired' }
}
