import { createCookieTemplate } from '../config/cookie'
import type { DeviceRoute, ResolvedCookie } from '../config/types'
import { proofCookieOf } from './proof-cookie-name'

/** Safe in a header: neither a quote nor a backslash. */
const IDENTIFIER = /^[\w!#$%&'()*+,./:;<=>?@[\]^`{|}~-]{1,512}$/

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

/** The path of a step, as the browser asks for it. */
export function devicePath(basePath: string, { path, query }: DeviceRoute, step: DeviceStep): string {
  return `${basePath}${path}/${step}${query}`
}

/** The header that asks a browser to register a key (structured fields, RFC 9651). */
export function registrationHeader(path: string, challenge: string): string {
  return `(ES256);path="${path}";challenge="${challenge}"`
}

/** The header with the challenge for the next renewal. */
export function challengeHeader(challenge: string, identifier: string): string {
  return `"${challenge}";id="${identifier}"`
}

/**
 * Identifies a session in the browser, by its name and the host that the browser sees. A new registration replaces the
 * one before, and the cookie says which session of the server it is. Browsers keep the sessions of all hosts of a site
 * together, so without the host, an app would replace the sessions of another app at a subdomain. `known` is the
 * identifier that the browser sent: a renewal that changes it would end the binding.
 */
export function identifierOf(name: string, host: string | undefined, known: string | undefined): string {
  if (known !== undefined && (known === name || known.startsWith(`${name}@`)) && IDENTIFIER.test(known)) return known
  const identifier = `${name}@${host ?? ''}`
  return IDENTIFIER.test(identifier) ? identifier : name
}

/** The body of an answer to a browser that has proven its key. `refreshPath`: the endpoint of renewals. */
export function instructionsOf({ name, cookie, secure }: ProofCookie, identifier: string, refreshPath: string): DeviceInstructions {
  const attributes = proofLine({ name, cookie, secure }, '').slice(`${proofCookieOf(name)}=; `.length)
  return {
    session_identifier: identifier,
    refresh_url: refreshPath,
    scope: { include_site: false, scope_specification: [] },
    credentials: [{ type: 'cookie', name: proofCookieOf(name), attributes }],
    allowed_refresh_initiators: ['*'],
  }
}

/** Ends the session's binding in the browser. */
export function endInstructions(identifier: string) {
  return { session_identifier: identifier, continue: false } as const
}

/** The Set-Cookie line of a proof; `maxAge` in seconds, 0 removes it. */
export function proofLine({ name, cookie: { path, httpOnly, sameSite, partitioned }, secure }: ProofCookie, value: string, maxAge?: number): string {
  const { beforeExpires, afterExpires } = createCookieTemplate({ path, httpOnly, sameSite, partitioned, maxAge }, secure)
  return `${proofCookieOf(name)}=${value}${beforeExpires}${afterExpires}`
}
