import { parseSetCookie } from 'cookie-es'
import type { ResolvedCookie } from '../runtime/core/config/types'
import { configInvalid, showValue } from '../runtime/core/model/errors'

/** A cookie for Playwright's `context.addCookies()` and `storageState`. */
export interface BrowserCookie {
  name: string
  value: string
  /** The page's host; with a leading dot, a domain and all its subdomains. */
  domain: string
  path: string
  /** Seconds since 1970; -1: until the browser closes. */
  expires: number
  httpOnly: boolean
  secure: boolean
  sameSite: 'Strict' | 'Lax' | 'None'
}

const SAME_SITES: Record<string, BrowserCookie['sameSite']> = { strict: 'Strict', none: 'None' }

/** The cookies that a browser has after `page` sent these Set-Cookie lines. @throws SESSION_CONFIG_INVALID */
export function toBrowserCookies(lines: readonly string[], cookie: ResolvedCookie, page: string | URL): BrowserCookie[] {
  const { hostname, protocol } = toUrl(page)
  return lines.map((line) => {
    const { name, value, path = '/', httpOnly = false, sameSite, maxAge, expires } = parseSetCookie(line, { decode: text => text })
    return {
      name,
      value,
      domain: cookie.domain ? `.${cookie.domain.replace(/^\./, '')}` : hostname,
      path,
      expires: expirySeconds(maxAge, expires),
      httpOnly,
      // A built server has a proxy for TLS in production, but not in tests.
      secure: cookie.secure === 'auto' ? protocol === 'https:' : cookie.secure,
      // Browsers treat a cookie without SameSite as Lax.
      sameSite: SAME_SITES[String(sameSite).toLowerCase()] ?? 'Lax',
    }
  })
}

/** A browser would drop an expired cookie. Without an end it sends the cookie, so that the server can reject it. */
function expirySeconds(maxAge: number | undefined, expires: Date | undefined): number {
  const now = Date.now()
  const end = maxAge === undefined ? expires?.getTime() : now + maxAge * 1000
  return end === undefined || end <= now ? -1 : Math.trunc(end / 1000)
}

function toUrl(page: string | URL): URL {
  const url = URL.canParse(String(page)) ? new URL(page) : undefined
  if (url?.hostname) return url
  throw configInvalid(`${showValue(String(page))} is not the address of a page. Use one such as "http://127.0.0.1:3000".`)
}
