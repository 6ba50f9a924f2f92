import { parseSetCookie } from 'cookie-es'
import type { ResolvedCookie } from '../runtime/core/config'
import { configInvalid, showValue } from '../runtime/core/errors'

/** A cookie as Playwright takes it, in `context.addCookies()` and in a `storageState`. */
export interface BrowserCookie {
  name: string
  value: string
  /** The page's host, or with a dot before it a domain and all below. */
  domain: string
  path: string
  /** Seconds since 1970; -1: until the browser closes. */
  expires: number
  httpOnly: boolean
  secure: boolean
  sameSite: 'Strict' | 'Lax' | 'None'
}

const SAME_SITES: Record<string, BrowserCookie['sameSite']> = { strict: 'Strict', none: 'None' }

/** The cookies of Set-Cookie lines, as a browser has them that got them from `page`. @throws SESSION_CONFIG_INVALID */
export function toBrowserCookies(lines: readonly string[], cookie: ResolvedCookie, page: string | URL): BrowserCookie[] {
  const { hostname, protocol } = toUrl(page)
  return lines.map((line) => {
    const { name, value, path = '/', httpOnly = false, sameSite, maxAge, expires } = parseSetCookie(line, { decode: text => text })
    return {
      name,
      value,
      domain: cookie.domain ? `.${cookie.domain.replace(/^\./, '')}` : hostname,
      path,
      expires: keptUntil(maxAge, expires),
      httpOnly,
      // A built server is behind a proxy for TLS where it is in use, and not where it is under test.
      secure: cookie.secure === 'auto' ? protocol === 'https:' : cookie.secure,
      // Browsers take a cookie that does not say it for Lax.
      sameSite: SAME_SITES[String(sameSite).toLowerCase()] ?? 'Lax',
    }
  })
}

/** A browser drops what is over; kept until it closes, it comes to the server, which is to refuse it. */
function keptUntil(maxAge: number | undefined, expires: Date | undefined): number {
  const now = Date.now()
  const end = maxAge === undefined ? expires?.getTime() : now + maxAge * 1000
  return end === undefined || end <= now ? -1 : Math.trunc(end / 1000)
}

function toUrl(page: string | URL): URL {
  const url = URL.canParse(String(page)) ? new URL(page) : undefined
  if (url?.hostname) return url
  throw configInvalid(`${showValue(String(page))} is no address of a page. Give one such as "http://127.0.0.1:3000".`)
}
