import { configInvalid, showValue } from '../runtime/core/errors'

/** A clock that stands still until it is moved. */
export interface Clock {
  /** Milliseconds since 1970. Bound, so that it can be given away: `{ now: clock.now }`. */
  readonly now: () => number
  /**
   * Moves the clock by so many milliseconds; back, where they are negative.
   * @throws SESSION_CONFIG_INVALID where that is no number
   */
  readonly advance: (ms: number) => void
}

/**
 * A clock for `now` of {@link createSessionCookie} and {@link readSessionCookie}. It does not move the clock of a
 * server: what the server is to find old has to be made in its past.
 *
 * @param start milliseconds since 1970; the time of the call where it is not given
 * @throws SESSION_CONFIG_INVALID where `start` is no number
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
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw configInvalid(`the clock got ${key} ${showValue(value)}. Give a number of milliseconds.`)
}
