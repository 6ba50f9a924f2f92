import type { InspectedCookie, InspectorLimits } from '../../../src/devtools/protocol'
import type { PanelSession } from './state'
import { formatBytes, formatCountdown, formatDate, plural } from './format'

export interface Fact { label: string, value: string, tone?: 'good' | 'warn' }

/** Describes a session's cookie, in the order of a browser's cookie panel. */
export function cookieFacts(cookie: InspectedCookie, session: PanelSession, limits: InspectorLimits, now: number): Fact[] {
  const { httpOnly, secure, sameSite, partitioned, path, domain, expires } = cookie.attributes
  return [
    { label: 'HttpOnly', value: httpOnly ? 'yes, scripts cannot read it' : 'no, every script on the page can read it', tone: httpOnly ? 'good' : 'warn' },
    { label: 'Secure', value: secure ? 'yes, over https and to localhost only' : 'no, also over plain http', tone: secure ? 'good' : 'warn' },
    { label: 'SameSite', value: sameSiteText(sameSite) },
    { label: 'Partitioned', value: partitioned ? 'yes, one for each top-level site' : 'no' },
    { label: 'Path', value: path ?? 'not set, the directory of the request' },
    { label: 'Domain', value: domain ?? 'not set, this host only' },
    { label: 'Expires', value: expires === undefined ? 'when the browser closes' : `${formatDate(expires)} · ${formatCountdown(expires, now)}` },
    { label: 'Size', value: sizeText(session, limits), tone: sizeTone(session, limits) },
    { label: 'Sealed with', value: passwordText(cookie), tone: passwordTone(cookie) },
  ]
}

function sameSiteText(sameSite: string | undefined): string {
  if (sameSite === undefined) return 'not set, browsers use their own default'
  return /^strict$/i.test(sameSite) ? `${sameSite}, not with the first request after a link from another site` : sameSite
}

/** Sizes of a stored session: its record and its cookie. */
export function recordText({ recordBytes = 0, bytes }: Pick<PanelSession, 'recordBytes' | 'bytes'>): string {
  return `${formatBytes(recordBytes)} in the store${bytes > 0 ? `, and a reference of ${formatBytes(bytes)} in the cookie` : ''}`
}

/** The used share of the size limit, from 0 to 1. One cookie has its own limit; chunks share `maxBytes`. */
export function sizeShare(session: Pick<PanelSession, 'bytes' | 'chunks'>, limits: InspectorLimits): number {
  const limit = session.chunks > 1 ? limits.maxBytes : limits.cookieBytes
  return limit > 0 ? Math.min(1, session.bytes / limit) : 0
}

export function sizeText({ bytes, chunks }: Pick<PanelSession, 'bytes' | 'chunks'>, limits: InspectorLimits): string {
  if (bytes === 0) return 'not sent yet'
  if (chunks > 1) return `${formatBytes(bytes)} in ${plural(chunks, 'cookie')}, at most ${formatBytes(limits.maxBytes)}`
  return `${bytes} of ${limits.cookieBytes} bytes`
}

export function sizeTone(session: Pick<PanelSession, 'bytes' | 'chunks'>, limits: InspectorLimits): 'good' | 'warn' {
  return sizeShare(session, limits) > 0.8 ? 'warn' : 'good'
}

/** Describes the password that sealed the cookie. */
export function passwordText({ passwordIndex, isFallback }: Pick<InspectedCookie, 'passwordIndex' | 'isFallback'>): string {
  const fallback = isFallback ? ', with one iteration (legacySealFallback)' : ''
  if (passwordIndex === undefined) return `a password that was not recorded${fallback}`
  if (passwordIndex === 0) return `the current password${fallback}`
  return `a rotated password, number ${passwordIndex + 1} in the list${fallback}`
}

function passwordTone({ passwordIndex, isFallback }: InspectedCookie): 'good' | 'warn' | undefined {
  if (isFallback || (passwordIndex ?? 0) > 0) return 'warn'
  return passwordIndex === 0 ? 'good' : undefined
}
