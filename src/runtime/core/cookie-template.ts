import { serialize } from 'cookie-es'
import type { SessionCookieOptions } from './types'

/** A Set-Cookie line of fixed attributes, around what differs from one response to the next. */
export interface CookieTemplate {
  /** From the value to where `Expires` stands. */
  readonly beforeExpires: string
  readonly afterExpires: string
}

const PLACE = new Date(0)

/** Validates and writes the attributes once, for all the lines that have them. */
export function createCookieTemplate(attributes: Omit<SessionCookieOptions, 'secure' | 'expires' | 'encode'> & { secure: boolean }): CookieTemplate {
  const [beforeExpires = '', afterExpires = ''] = serialize('x', '', { ...attributes, expires: PLACE })
    .slice('x='.length).split(`; Expires=${PLACE.toUTCString()}`)
  return { beforeExpires, afterExpires }
}
