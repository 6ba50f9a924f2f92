import type { Carrier } from './carrier'
import { chunkName, joinChunks } from './chunks'

/** A token that nobody has. */
const NOBODYS = `Fe26.2*${'A'.repeat(64)}`
/** Characters at a token's end that are changed. Tokens of several visitors may have the same beginning. */
const TAIL = 8

type Request = Pick<Carrier, 'requestHeader' | 'requestCookies'>

/** The header of a request that differs in its session's token, and in nothing else. */
export function otherVisitorsHeader(request: Request, header: string, name: string): string {
  const own = request.requestHeader(header) ?? ''
  return header === 'cookie' ? otherCookies(own, request.requestCookies(), name) : otherToken(own)
}

function otherCookies(line: string, cookies: Record<string, string>, name: string): string {
  const pairs = line.split(';').map(pair => pair.trim()).filter(Boolean)
  const last = lastCookie(cookies, name)
  const start = `${last ?? name}=`
  // h3 1 clears a cookie by emptying it; the empty one would win.
  if (last === undefined) return [...pairs.filter(pair => !pair.startsWith(start)), start + NOBODYS].join('; ')
  return pairs.map(pair => pair.startsWith(start) ? start + otherToken(pair.slice(start.length)) : pair).join('; ')
}

/** The cookie that holds the end of the token: the last one, if there are several chunks. */
function lastCookie(cookies: Record<string, string>, name: string): string | undefined {
  if (!cookies[name]) return undefined
  let count = 0
  while (cookies[chunkName(name, count + 1)]) count++
  return joinChunks(name, cookies) === cookies[name] || count === 0 ? name : chunkName(name, count)
}

function otherToken(token: string): string {
  if (token === '') return NOBODYS
  return token.slice(0, -TAIL) + token.slice(-TAIL).replaceAll(/./g, character => character === 'A' ? 'B' : 'A')
}
