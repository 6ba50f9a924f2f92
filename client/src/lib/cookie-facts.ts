import type { InspectedCookie, InspectorLimits } from '../../../src/devtools/protocol'
import type { Mark } from './marks'
import type { PanelSession } from './state'
import { formatCountdown, formatDate } from './format'
import { sizeExplanation, sizeTone } from './size-limit'

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
    { label: 'Size', value: sizeExplanation(session, limits), tone: sizeTone(session, limits) },
    { label: 'Sealed with', value: passwordText(cookie), tone: passwordTone(cookie) },
  ]
}

function sameSiteText(sameSite: string | undefined): string {
  if (sameSite === undefined) return 'not set, browsers use their own default'
  if (/^none$/i.test(sameSite)) return sameSite
  return `${sameSite}, ${/^strict$/i.test(sameSite) ? 'not with requests from other sites, links included' : 'from other sites only with links'}`
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

/** Whether the cookie will come back to the origin that has set it. `mark`: that of the session, if it has one. */
export function cookieVerdict({ comesBack, origin, attributes: { sameSite } }: Pick<InspectedCookie, 'comesBack' | 'origin' | 'attributes'>, mark?: Pick<Mark, 'label'>): string {
  const to = origin === undefined ? '' : ` to ${origin}`
  if (comesBack === 'never') return `No. Browsers do not send this cookie${to}:`
  if (comesBack === 'sometimes') return `Yes, but not from every browser or with every request${to}:`
  const from = sameSite?.toLowerCase() === 'none' ? '' : ' from the same site'
  const but = mark ? ` But this session is marked “${mark.label}”: the sentence above says why.` : ''
  return `Yes. Browsers store this cookie and send it with every request${to}${from}.${but}`
}
