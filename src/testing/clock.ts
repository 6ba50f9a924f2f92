import { isTime } from '../runtime/core/model/data'
import { configInvalid, showValue } from '../runtime/core/model/errors'

/** A clock that only moves by `advance`. */
export interface Clock {
  /** Milliseconds since 1970. Works without its object: `{ now: clock.now }`. */
  readonly now: () => number
  /**
   * Moves the clock by milliseconds, back if they are negative.
   * @throws SESSION_CONFIG_INVALID if `ms` is not a number
   */
  readonly advance: (ms: number) => void
}

/**
 * A clock for the option `now` of {@link createSessionCookie} and {@link readSessionCookie}. It does not move the clock
 * of a server: for an old session, create the cookie in the past.
 * @param start milliseconds since 1970; by default the current time
 * @throws SESSION_CONFIG_INVALID if `start` is not a number
 */
export function createClock(start: number = Date.now()): Clock {
  let time = toNumber(start, 'start')
  return {
    now: () => time,
    advance(ms) {
      time += toNumber(ms, 'ms')
    },
  }
}

function toNumber(value: unknown, key: string): number {
  if (isTime(value)) return value
  throw configInvalid(`the clock got ${key} ${showValue(value)}. Use a number of milliseconds.`)
}
