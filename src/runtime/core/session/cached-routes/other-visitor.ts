import type { Transport } from '../transport'
import { chunkName, joinChunks } from '../../cookie/cookies'

/** A token that no visitor has. */
const UNUSED_TOKEN = `Fe26.2*${'A'.repeat(64)}`
/** Characters at a token's end that are changed: tokens of different visitors may have the same beginning. */
const TAIL = 8

type Request = Pick<Transport, 'requestHeader' | 'requestCookies'>

/** A request header's value with another token for the session, and no other change. */
export function otherVisitorsHeader(request: Request, header: string, name: string): string {
  if (header !== 'cookie') return otherToken(request.requestHeader(header))
  const last = tokenCookies(request, name).at(-1)
  return withCookies(request, new Map([[last ?? name, otherToken(last && request.requestCookies()[last])]]))
}

/** A request header's value with `token`, of the same length, in place of the session's token. */
export function headerWithToken(request: Request, header: string, name: string, token: string): string {
  if (header !== 'cookie') return token
  const values = new Map<string, string>()
  let rest = token
  for (const key of tokenCookies(request, name)) {
    const { length } = request.requestCookies()[key]!
    values.set(key, rest.slice(0, length))
    rest = rest.slice(length)
  }
  return withCookies(request, values)
}

/** The names of the cookies that contain the token: the session's own, or those of the chunks. */
function tokenCookies(request: Request, name: string): string[] {
  const cookies = request.requestCookies()
  const token = joinChunks(name, cookies)
  if (!token) return []
  if (token === cookies[name]) return [name]
  const names: string[] = []
  for (let key = chunkName(name, 1); cookies[key]; key = chunkName(name, names.length + 1)) names.push(key)
  return names
}

function withCookies(request: Request, values: Map<string, string>): string {
  const cookies = (request.requestHeader('cookie') ?? '').split(';').map(pair => pair.trim()).filter(Boolean)
    .map(pair => [pair.slice(0, pair.indexOf('=')), pair] as const)
  const missing = [...values.keys()].filter(key => !cookies.some(([name]) => name === key))
  const present = cookies.map(([name, pair]) => values.has(name) ? `${name}=${values.get(name)}` : pair)
  return [...present, ...missing.map(key => `${key}=${values.get(key)}`)].join('; ')
}

function otherToken(token: string | undefined): string {
  if (!token) return UNUSED_TOKEN
  return token.slice(0, -TAIL) + token.slice(-TAIL).replaceAll(/./g, character => character === 'A' ? 'B' : 'A')
}
