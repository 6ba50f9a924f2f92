import type { ChallengeResponse } from '../../device/challenge-response'
import type { SessionRecord } from '../../store/store'
import { cookieOf } from './request'
import type { DeviceRequest } from './request'

/** By what a request shows its session. A renewal may also name it in its URL. */
export type FoundBy = 'cookie' | 'URL' | 'challenge'

const MAC_LENGTH = 43

/**
 * Whose failed attempts a request counts for: those of a login, a step, and what the request shows of the login. A thief
 * has the cookie, and whoever reads the log of a proxy has the URL. They do not use up the attempts of the browser, which
 * has both, and for a registration the challenge: without it, nothing is counted.
 */
export function budgetOf({ step, config }: DeviceRequest, foundBy: FoundBy, isNamed: boolean | undefined, { createdAt, userId }: SessionRecord): string {
  return JSON.stringify([step, config.name, foundBy, isNamed, createdAt, userId])
}

/** Searches of a key among its user's sessions. */
export function searchBudgetOf({ config }: DeviceRequest, key: string): string {
  return JSON.stringify(['search', config.name, key])
}

/**
 * The step of a request and the texts that show its session, by their MACs: those of others cannot have the same. A
 * registration without a cookie shows its challenge. `undefined` if there are none.
 */
export function shownIn(request: DeviceRequest, response: () => ChallengeResponse | undefined): string | undefined {
  const { step, named } = request
  const cookie = cookieOf(request)
  const texts = step === 'refresh' ? [cookie, named] : [cookie ?? response()?.token.challenge]
  return texts.some(Boolean) ? `${step} ${texts.map(text => text?.slice(-MAC_LENGTH)).join(' ')}` : undefined
}
