import { serialize } from 'cookie-es'
import type { SessionCookieOptions } from '../model/types'

/** The fixed parts of a Set-Cookie line. Name, value and `Expires` differ by response. */
export interface CookieTemplate {
  /** Between the value and `Expires`. */
  readonly beforeExpires: string
  readonly afterExpires: string
}

const PLACE = new Date(0)

/** Validates and writes the attributes once, for all responses. */
export function createCookieTemplate(attributes: Omit<SessionCookieOptions, 'secure' | 'expires' | 'encode'> & { secure: boolean }): CookieTemplate {
  const [beforeExpires = '', afterExpires = ''] = serialize('x', '', { ...attributes, expires: PLACE })
    .slice('x='.length).split(`; Expires=${PLACE.toUTCString()}`)
  return { beforeExpires, afterExpires }
}
