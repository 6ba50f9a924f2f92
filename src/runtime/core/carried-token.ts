import type { Carrier } from './carrier'
import { joinChunks } from './chunks'
import type { ResolvedConfig } from './config'
import type { SessionOrigin } from './types'

/** The token that a request carries, and how. */
export interface CarriedToken { value: string, origin: Exclude<SessionOrigin, 'none'> }

type Request = Pick<Carrier, 'requestHeader' | 'requestCookies'>

/** A header that says something wins over the cookie, even where it is refused. */
export function readToken(request: Request, { name, sessionHeader }: ResolvedConfig): CarriedToken | undefined {
  const header = sessionHeader === false ? undefined : request.requestHeader(sessionHeader)
  if (header) return { value: header, origin: 'header' }
  const cookie = joinChunks(name, request.requestCookies())
  return cookie === undefined ? undefined : { value: cookie, origin: 'cookie' }
}

/** Whether two requests carry the same session, or none. */
export function carrySameToken(one: Request, other: Request, config: ResolvedConfig): boolean {
  const { sessionHeader } = config
  const isSameHeader = sessionHeader === false || one.requestHeader(sessionHeader) === other.requestHeader(sessionHeader)
  if (isSameHeader && one.requestHeader('cookie') === other.requestHeader('cookie')) return true
  const [token, otherToken] = [readToken(one, config), readToken(other, config)]
  return token?.value === otherToken?.value && token?.origin === otherToken?.origin
}
