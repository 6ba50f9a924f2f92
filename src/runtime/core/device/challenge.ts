import type { ResolvedConfig } from '../config/types'
import { isDataObject, isFilledString, isTime } from '../model/data'
import { OverloadError } from '../seal/keys'
import { sealText, unsealToken } from '../seal/seal'
import type { MaybePromise } from '../utils/maybe-promise'

/** The most characters of a challenge. Ours have about 500. */
export const MAX_CHALLENGE_LENGTH = 1024

/** What a browser signs to register its key, or to renew its proof. Only its session accepts it, and only once. */
export interface Challenge {
  purpose: 'register' | 'refresh'
  /** The session's handle. */
  handle: string
  /** When it was made, in milliseconds since 1970. The session accepts only a challenge that is newer than the last one. */
  at: number
  /** The thumbprint of the key that a registration may replace: a new login of the same user. */
  replaces?: string
  /** Of a registration: `createdAt` of the session, which new ids of the same login keep. */
  login?: number
}

/** A challenge of this app. `isExpired`: whether its `end` is over. */
export interface OpenedChallenge extends Challenge {
  isExpired: boolean
}

/**
 * Seals a challenge, so that none has to be stored. A session accepts one by storing its time, by compare-and-set:
 * that makes it single-use across processes. `end` is in milliseconds since 1970.
 */
export function sealChallenge(challenge: Challenge, end: number, config: ResolvedConfig, now: number): MaybePromise<string> {
  return sealText(JSON.stringify({ kind: 'device-challenge', name: config.name, ...challenge }), String(Math.ceil(end)), config, now)
}

/**
 * Opens a challenge that this app has sealed for a session of this name; else `undefined`.
 * @throws OverloadError if it was not checked, since a binding must not end for that
 */
export async function openChallenge(text: string, config: ResolvedConfig, now: number): Promise<OpenedChallenge | undefined> {
  const opened = await unsealToken(text, config, now)
  if (!opened.ok && opened.reason === 'overloaded') throw new OverloadError('The challenge was not checked.')
  if (!('value' in opened) || !isChallenge(opened.value, config.name)) return undefined
  const { purpose, handle, at, replaces, login } = opened.value
  return { purpose, handle, at, replaces, login, isExpired: !opened.ok }
}

/** The time of a new challenge: after the last used one, even if this server's clock is behind. */
export function nextTime(now: number, last = 0): number {
  return Math.max(now, last + 1)
}

function isChallenge(value: unknown, ofName: string): value is Challenge {
  if (!isDataObject(value)) return false
  const { kind, name, purpose, handle, at, replaces, login } = value
  return kind === 'device-challenge' && name === ofName && (purpose === 'register' || purpose === 'refresh')
    && isFilledString(handle) && isTime(at) && (replaces === undefined || isFilledString(replaces)) && (login === undefined || isTime(login))
}
