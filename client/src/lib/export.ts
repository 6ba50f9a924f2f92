import type { RevealResponse } from '../../../src/devtools/protocol'

/** Returns the app's URL from the API's path and the page's origin. */
export function appUrl(api: string, origin: string): string {
  const base = /^(.*\/)[^/]+\/api$/.exec(new URL(api, origin).pathname)?.[1]
  return origin + (base ?? '/')
}

/** `Cookie: a=b; c=d`, or the session header if the session has no cookies. */
export function headerLine(seal: RevealResponse): string {
  if (seal.cookies.length === 0 && seal.header !== false) return `${seal.header}: ${seal.token}`
  return `Cookie: ${seal.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')}`
}

/** A command for a POSIX shell. */
export function curlCommand(seal: RevealResponse, url: string): string {
  return `curl ${quote(url)} -H ${quote(headerLine(seal))}`
}

/** Playwright's `storageState` with the session's cookies, as JSON. */
export function storageState(seal: RevealResponse, url: string): string {
  const { domain, path, httpOnly, secure, sameSite, expires } = seal.cookie
  const cookies = seal.cookies.map(({ name, value }) => ({
    name,
    value,
    domain: domain ?? new URL(url).hostname,
    path: path ?? '/',
    expires: expires === undefined ? -1 : Math.floor(expires / 1000),
    httpOnly,
    secure,
    sameSite: sameSiteName(sameSite),
  }))
  return JSON.stringify({ cookies, origins: [] }, null, 2)
}

function sameSiteName(sameSite: string | undefined): 'Strict' | 'Lax' | 'None' {
  const name = sameSite?.toLowerCase()
  if (name === 'strict') return 'Strict'
  return name === 'none' ? 'None' : 'Lax'
}

function quote(text: string): string {
  return `'${text.replaceAll('\'', `'\\''`)}'`
}
