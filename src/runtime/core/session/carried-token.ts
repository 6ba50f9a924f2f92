import type { Transport } from './transport'
import { joinChunks } from '../cookie/chunks'
import type { ResolvedConfig } from '../config/types'
import type { SessionState } from './state'
import type { SessionOrigin } from '../model/types'

/** A request's token, and whether it comes from a header or a cookie. */
export interface RequestToken { value: string, origin: Exclude<SessionOrigin, 'none'> }

type Request = Pick<Transport, 'requestHeader' | 'requestCookies'>

/** The options that determine where a session's token comes from. */
export interface TokenConfig extends Pick<ResolvedConfig, 'name' | 'sessionHeader'> {
  readonly cookie: unknown
}

/** Reads a request's token. A header that is not empty wins over the cookie, even if its token is rejected. */
export function readToken(request: Request, { name, sessionHeader }: Pick<TokenConfig, 'name' | 'sessionHeader'>): RequestToken | undefined {
  const header = sessionHeader === false ? undefined : request.requestHeader(sessionHeader)
  if (header) return { value: header, origin: 'header' }
  const cookie = joinChunks(name, request.requestCookies())
  return cookie === undefined ? undefined : { value: cookie, origin: 'cookie' }
}

/** Whether two requests have the same token, or both none. */
export function haveSameToken(one: Request, other: Request, config: TokenConfig): boolean {
  const { sessionHeader } = config
  const isSameHeader = sessionHeader === false || one.requestHeader(sessionHeader) === other.requestHeader(sessionHeader)
  if (isSameHeader && one.requestHeader('cookie') === other.requestHeader('cookie')) return true
  const [token, otherToken] = [readToken(one, config), readToken(other, config)]
  return token?.value === otherToken?.value && token?.origin === otherToken?.origin
}

/** Whether the session comes from the request's token. */
export function isFromRequest(state: SessionState | undefined): state is SessionState {
  return state !== undefined && state.origin !== 'none' && !state.isNew
}

/** The request header, in lower case, that contains the session's token, or would contain it. */
export function tokenHeader(transport: Request & Pick<Transport, 'states'>, config: TokenConfig): string {
  const state = transport.states[config.name]
  const origin = isFromRequest(state) ? state.origin : readToken(transport, config)?.origin
  const isByHeader = origin === 'header' || (origin === undefined && config.cookie === false)
  return (isByHeader && config.sessionHeader) || 'cookie'
}
