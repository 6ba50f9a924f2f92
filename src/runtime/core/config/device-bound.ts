import { configInvalid, showValue, storeRequired } from '../model/errors'
import { isSet } from './parse'
import type { ResolvedConfig } from './types'

/** How many seconds a proof lasts by default, also for bound sessions while the option is off. */
export const DEVICE_LIFETIME = 300

// A day: a copied proof is usable until its end.
const MAX_DEVICE_LIFETIME = 86_400

/** Seconds that a proof lasts; `undefined` if new sessions are not bound. @throws SESSION_CONFIG_INVALID, SESSION_STORE_REQUIRED */
export function toDeviceLifetime(
  value: unknown, { storage, cookie, deviceRoute }: Pick<ResolvedConfig, 'storage' | 'cookie' | 'deviceRoute'>,
): number | undefined {
  if (!isSet(value) || value === false) return undefined
  if (value !== true && (typeof value !== 'object' || Array.isArray(value)))
    throw configInvalid(`deviceBound ${showValue(value)} must be true, false, or an object such as { lifetime: ${DEVICE_LIFETIME} }.`)
  const { lifetime = DEVICE_LIFETIME } = value as { lifetime?: unknown }
  // The environment may give the number as text.
  const seconds = typeof lifetime === 'string' ? Number(lifetime || DEVICE_LIFETIME) : lifetime
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 1 || seconds > MAX_DEVICE_LIFETIME)
    throw configInvalid(`deviceBound.lifetime ${showValue(lifetime)} must be a whole number of seconds from 1 to ${MAX_DEVICE_LIFETIME}, such as ${DEVICE_LIFETIME}.`)
  if (storage === undefined) throw storeRequired('deviceBound')
  if (cookie === false) throw configInvalid('deviceBound needs the session\'s cookie, because browsers prove their key by a cookie. Leave cookie unset, or set deviceBound: false.')
  if (cookie.secure === false) throw configInvalid('deviceBound needs Secure cookies, because browsers bind sessions over HTTPS only. Leave cookie.secure unset or set it to true.')
  if (cookie.domain) throw configInvalid('deviceBound needs a cookie of one host, because a browser binds a session to one origin. Leave cookie.domain unset, or set deviceBound: false.')
  if (!deviceRoute) throw configInvalid('deviceBound needs the endpoint below clientRoute. Leave clientRoute unset or set it to a path.')
  return seconds
}
