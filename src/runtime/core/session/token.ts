import type { ResolvedConfig } from '../config/types'
import type { ProofFailure } from '../device/proof'
import type { RejectReason, SessionError } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import { isOfName, isReference, isSession, rejectReasonOf } from '../model/shape'
import type { SessionReference } from '../model/shape'
import { openCached } from '../seal/open-cached'
import type { OpenedSeal } from '../seal/open-cached'
import type { Session, SessionDataShape, SessionTransport } from '../model/types'
import type { Transport } from './transport'
import { joinChunks } from '../cookie/cookies'
import type { SessionState } from './state'

export interface OpenedSession extends OpenedSeal {
  session: Session<SessionDataShape>
  /** When the seal was made, if it is of a stored session and contains the time. */
  sealedAt?: number
}

export interface OpenedReference extends OpenedSeal { reference: SessionReference }

export interface Rejected {
  reason: RejectReason
  /** The key of the session that superseded this one, if a logout or a login should end it too. */
  successor?: string
  /** For the reason `unproven`: why. */
  failure?: ProofFailure
  /** What a write throws, because it would overwrite the cookie of a session that its browser can prove again. */
  writeError?: SessionError
}

export type TokenResult = OpenedSession | OpenedReference | Rejected

/** Opens a token. Without a store, a reference is rejected. */
export function openToken(token: string, config: ResolvedConfig, now: number): MaybePromise<TokenResult> {
  return openCached(token, config, now, toResult)
}

export function requireCookieSession(opened: TokenResult): OpenedSession | Rejected {
  return 'reference' in opened ? { reason: 'malformed' } : opened
}

function toResult(value: unknown, { passwordIndex, isFallback }: OpenedSeal, config: ResolvedConfig, now: number): TokenResult {
  if (isSession(value)) {
    const reason = rejectReasonOf(value, config, now)
    return reason === undefined ? { session: value, passwordIndex, isFallback } : { reason }
  }
  if (config.storage === undefined || !isReference(value)) return { reason: 'malformed' }
  return isOfName(value, config) ? { reference: value, passwordIndex, isFallback } : { reason: 'foreign' }
}

export interface RequestToken { value: string, transport: Exclude<SessionTransport, 'none'> }

type Request = Pick<Transport, 'requestHeader' | 'requestCookies'>

export interface TokenConfig extends Pick<ResolvedConfig, 'name' | 'sessionHeader'> {
  readonly cookie: unknown
}

/** Reads a request's token. A header that is not empty wins over the cookie, even if its token is rejected. */
export function readToken(request: Request, { name, sessionHeader }: Pick<TokenConfig, 'name' | 'sessionHeader'>): RequestToken | undefined {
  const header = sessionHeader === false ? undefined : request.requestHeader(sessionHeader)
  if (header) return { value: header, transport: 'header' }
  const cookie = joinChunks(name, request.requestCookies())
  return cookie === undefined ? undefined : { value: cookie, transport: 'cookie' }
}

/** Whether two requests have the same token, or both none. */
export function haveSameToken(one: Request, other: Request, config: TokenConfig): boolean {
  const { sessionHeader } = config
  const isSameHeader = sessionHeader === false || one.requestHeader(sessionHeader) === other.requestHeader(sessionHeader)
  if (isSameHeader && one.requestHeader('cookie') === other.requestHeader('cookie')) return true
  const [token, otherToken] = [readToken(one, config), readToken(other, config)]
  return token?.value === otherToken?.value && token?.transport === otherToken?.transport
}

export function isFromRequest(state: SessionState | undefined): state is SessionState {
  return state !== undefined && state.transport !== 'none' && !state.isNew
}

/** The request header, in lower case, that contains the session's token, or would contain it. */
export function tokenHeader(transport: Request & Pick<Transport, 'states'>, config: TokenConfig): string {
  const state = transport.states[config.name]
  const used = isFromRequest(state) ? state.transport : readToken(transport, config)?.transport
  const isByHeader = used === 'header' || (used === undefined && config.cookie === false)
  return (isByHeader && config.sessionHeader) || 'cookie'
}
