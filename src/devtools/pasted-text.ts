import { parse } from 'cookie-es'
import { isToken, joinChunks, namesOf } from '../runtime/core/cookie/cookies'

const SEAL = /Fe26\.2\*[^\s;,"'\\]*/

/** Finds session tokens, with their cookies' names if present, in a seal, a `Cookie` or `Set-Cookie` header, or `curl`. */
export function findTokens(pasted: string, names: readonly string[]): { name?: string, token: string }[] {
  // Commands for Windows' cmd use `^"` as quotes.
  const text = pasted.replaceAll('^"', '"')
  const cookies = readCookies(text)
  const named = sessionNames(cookies, names).flatMap((name) => {
    const token = joinChunks(name, cookies)
    return token === undefined ? [] : [{ name, token }]
  })
  return named.length > 0 ? named : [{ token: SEAL.exec(text)?.[0] ?? text.trim() }]
}

/** The app's session names, and every other cookie with a seal or a chunk count. Chunk cookies are left out. */
function sessionNames(cookies: Record<string, string>, names: readonly string[]): string[] {
  const sealed = new Set(Object.keys(cookies).filter(name => isToken(cookies[name]!)))
  return [...new Set([...names.filter(name => cookies[name]), ...sealed])].filter(name => !isChunkOfAny(name, sealed))
}

/** Looks up one name, because a pasted text may have thousands of cookies. */
function isChunkOfAny(key: string, sealed: ReadonlySet<string>): boolean {
  const owner = key.slice(0, Math.max(0, key.lastIndexOf('.')))
  return sealed.has(owner) && namesOf(owner, { [key]: '' }).length > 0
}

function readCookies(text: string): Record<string, string> {
  const headers = [
    ...text.matchAll(/(?:^|[\n"'])[ \t]*(?:set-)?cookie:\s*([^\n"']*)/gi),
    ...text.matchAll(/(?:-b|--cookie)[\s=]+["']?([^\n"']*)/g),
  ].map(match => match[1]!)
  const sources = headers.length > 0 ? headers : [text]
  // Without a prototype, since `constructor` is a name like any other.
  return Object.assign(Object.create(null), ...sources.map(source => parse(source)))
}
