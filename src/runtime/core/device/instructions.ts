import { serialize } from 'cookie-es'
import type { DeviceRoute, ResolvedCookie } from '../config/types'
import { proofCookieOf } from './proof'

/** The cookie options of a proof that browsers compare with the instructions. */
export interface ProofCookie {
  name: string
  cookie: Pick<ResolvedCookie, 'path' | 'httpOnly' | 'sameSite' | 'partitioned'>
  secure: boolean
}

/** What a browser does for its session: it renews the cookie with the proof at `refresh_url` before other requests of this origin. */
export interface DeviceInstructions {
  session_identifier: string
  refresh_url: string
  scope: { include_site: false, scope_specification: [] }
  credentials: [{ type: 'cookie', name: string, attributes: string }]
  /** Sites from which a navigation waits for a new proof. By default, a link in a mail or on another site would not. */
  allowed_refresh_initiators: ['*']
}

/** The endpoints of browsers, as paths on this origin. */
export type DeviceStep = 'register' | 'refresh'

export function devicePath(basePath: string, { path, query }: DeviceRoute, step: DeviceStep): string {
  return `${basePath}${path}/${step}${query}`
}

/** The header that asks a browser to register a key (structured fields, RFC 9651). */
export function registrationHeader(path: string, challenge: string): string {
  return `(ES256);path="${path}";challenge="${challenge}"`
}

/** The header with the challenge for the next renewal. */
export function challengeHeader(challenge: string, name: string): string {
  return `"${challenge}";id="${name}"`
}

/**
 * The session's name identifies it in the browser. So a new registration replaces the one before, and the cookie says
 * which session of the server it is.
 */
export function instructionsOf({ name, cookie, secure }: ProofCookie, refreshPath: string): DeviceInstructions {
  const attributes = proofLine({ name, cookie, secure }, '').slice(`${proofCookieOf(name)}=; `.length)
  return {
    session_identifier: name,
    refresh_url: refreshPath,
    scope: { include_site: false, scope_specification: [] },
    credentials: [{ type: 'cookie', name: proofCookieOf(name), attributes }],
    allowed_refresh_initiators: ['*'],
  }
}

/** Ends the session's binding in the browser. */
export function endInstructions(name: string) {
  return { session_identifier: name, continue: false } as const
}

/** The Set-Cookie line of a proof; `maxAge` in seconds, 0 removes it. */
export function proofLine({ name, cookie: { path, httpOnly, sameSite, partitioned }, secure }: ProofCookie, value: string, maxAge?: number): string {
  return serialize(proofCookieOf(name), value, { path, httpOnly, sameSite, partitioned, secure, maxAge, encode: text => text })
}
