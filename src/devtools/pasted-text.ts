import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/chunks'

/** A token in a pasted text, and the cookie's name where the text tells it. */
export interface PastedToken { name?: string, token: string }

const SEAL = /Fe26\.2\*[^\s;,"'\\]*/

/** Finds sealed sessions in a raw seal, a `Cookie` or `Set-Cookie` header, or a `curl` command. */
export function findTokens(text: string, names: readonly string[]): PastedToken[] {
  const cookies = readCookies(text)
  const named = sessionNames(cookies, names).flatMap((name) => {
    const token = joinChunks(name, cookies)
    return token === undefined ? [] : [{ name, token }]
  })
  if (named.length > 0) return named
  const seal = SEAL.exec(text)?.[0]
  return [{ token: seal ?? text.trim() }]
}

/** The app's own names, and every cookie that holds a seal. */
function sessionNames(cookies: Record<string, string>, names: readonly string[]): string[] {
  const sealed = Object.keys(cookies).filter(name => /^(?:Fe26\.2\*|__chunked__\d)/.test(cookies[name]!))
  return [...new Set([...names.filter(name => cookies[name]), ...sealed])]
}

function readCookies(text: string): Record<string, string> {
  const headers = [
    ...text.matchAll(/(?:^|[\n"'])\s*(?:set-)?cookie:\s*([^\n"']*)/gi),
    ...text.matchAll(/(?:-b|--cookie)[\s=]+["']?([^\n"']*)/g),
  ].map(match => match[1]!)
  const sources = headers.length > 0 ? headers : [text]
  return Object.assign({}, ...sources.map(source => parse(source)))
}
