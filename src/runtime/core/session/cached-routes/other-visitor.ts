import type { Transport } from '../transport'
import { chunkName, joinChunks } from '../../cookie/cookies'

/** A token that no visitor has. */
const UNUSED_TOKEN = `Fe26.2*${'A'.repeat(64)}`
/** Characters at a token's end that are changed: tokens of different visitors may have the same beginning. */
const TAIL = 8

type Request = Pick<Transport, 'requestHeader' | 'requestCookies'>

/** A request header's value with another token for the session, and no other change. */
export function otherVisitorsHeader(request: Request, header: string, name: string): string {
  const own = request.requestHeader(header) ?? ''
  return header === 'cookie' ? otherCookies(own, request.requestCookies(), name) : otherToken(own)
}

function otherCookies(line: string, cookies: Record<string, string>, name: string): string {
  const pairs = line.split(';').map(pair => pair.trim()).filter(Boolean)
  const last = lastCookie(cookies, name)
  const start = `${last ?? name}=`
  // h3 1 clears a cookie with an empty value, which would win.
  if (last === undefined) return [...pairs.filter(pair => !pair.startsWith(start)), start + UNUSED_TOKEN].join('; ')
  return pairs.map(pair => pair.startsWith(start) ? start + otherToken(pair.slice(start.length)) : pair).join('; ')
}

/** A request header's value with `token`, of the same length, in place of the session's token. */
export function headerWithToken(request: Request, header: string, name: string, token: string): string {
  if (header !== 'cookie') return token
  let rest = token
  const values = new Map([[name, joinChunks(name, request.requestCookies()) === request.requestCookies()[name] ? token : undefined]])
  for (let index = 1, chunk = request.requestCookies()[chunkName(name, index)]; chunk; chunk = request.requestCookies()[chunkName(name, ++index)]) {
    values.set(chunkName(name, index), rest.slice(0, chunk.length))
    rest = rest.slice(chunk.length)
  }
  const pairs = (request.requestHeader('cookie') ?? '').split(';').map(pair => pair.trim())
  return pairs.map((pair) => {
    const key = pair.slice(0, pair.indexOf('='))
    const value = values.get(key)
    return value === undefined ? pair : `${key}=${value}`
  }).join('; ')
}

/** The name of the cookie with the token's end: the last chunk, if there are any. */
function lastCookie(cookies: Record<string, string>, name: string): string | undefined {
  if (!cookies[name]) return undefined
  let count = 0
  while (cookies[chunkName(name, count + 1)]) count++
  return joinChunks(name, cookies) === cookies[name] || count === 0 ? name : chunkName(name, count)
}

function otherToken(token: string): string {
  if (token === '') return UNUSED_TOKEN
  return token.slice(0, -TAIL) + token.slice(-TAIL).replaceAll(/./g, character => character === 'A' ? 'B' : 'A')
}
