import { joinChunks } from './chunks'
import { begin } from './context'
import type { SessionContext } from './context'
import type { RejectReason } from './errors'
import { isRenewalDue } from './expiry'
import { refusalOf } from './payload'
import { sharedSession, wasRemoved } from './shared'
import { callHook, commitHookWrites, renew } from './transaction'
import type { Session, SessionDataShape, SessionOrigin } from './types'
import { openToken } from './unseal'
import type { TokenResult } from './unseal'

type SharedSession = Session<SessionDataShape> | undefined

// After these a newer session may already be in the browser: nothing is sent that could overwrite it.
const SILENT_REASONS = new Set<RejectReason>(['revoked', 'superseded'])

/** Finds the request's session, or begins one that is not sent yet, and runs the hooks. */
export async function loadSession(context: SessionContext): Promise<void> {
  const { carrier, state } = context
  if (carrier.isPrerendering()) {
    begin(context)
    return
  }
  const shared = await sharedSession(carrier, state.name)
  if (!shared && wasRemoved(context)) {
    begin(context)
    state.isCleared = true
    return
  }
  const found = await find(context, shared)
  const refusal = found && ('reason' in found ? found.reason : await accept(context, found))
  if (refusal === undefined && found !== undefined) return
  begin(context)
  if (refusal === undefined) return
  state.isSilent = SILENT_REASONS.has(refusal)
  context.env.observe?.({ kind: 'reject', context, reason: refusal })
  await callHook(context, 'session:reject', { reason: refusal })
  if (state.isDirty) await commitHookWrites(context)
}

async function find(context: SessionContext, shared: SharedSession): Promise<TokenResult | undefined> {
  const { env, carrier, config, state } = context
  const token = readToken(context)
  state.origin = token?.origin ?? 'none'
  if (shared?.id) return judge(context, shared)
  if (!token) return undefined
  const opened = await openToken(token.value, config, env.now())
  // h3 may have read the same token meanwhile; then its object is the session.
  const faster = await sharedSession(carrier, config.name)
  return faster?.id ? judge(context, faster) : opened
}

function judge({ env, config }: SessionContext, session: Session<SessionDataShape>): TokenResult {
  const reason = refusalOf(session, config, env.now())
  return reason === undefined ? { session, passwordIndex: 0, isLegacy: false } : { reason }
}

/** A header that says something wins over the cookie, even where it is refused. */
function readToken({ carrier, config }: SessionContext): { value: string, origin: SessionOrigin } | undefined {
  const header = config.sessionHeader === false ? undefined : carrier.requestHeader(config.sessionHeader)
  if (header) return { value: header, origin: 'header' }
  const cookie = joinChunks(config.name, carrier.requestCookies())
  return cookie === undefined ? undefined : { value: cookie, origin: 'cookie' }
}

/** Makes what was found the session, unless the app refuses it. */
async function accept(context: SessionContext, found: Exclude<TokenResult, { reason: RejectReason }>): Promise<RejectReason | undefined> {
  const { env, carrier, config, state } = context
  const { session, passwordIndex, isLegacy } = found
  Object.assign(state, { passwordIndex, isLegacy })
  state.share(carrier, session)
  state.isCommitted = true
  state.isNew = state.origin === 'none'
  let refusal: RejectReason | undefined
  await callHook(context, 'session:load', { reject: (reason) => { refusal = reason } })
  if (refusal !== undefined) {
    state.isDirty = false
    return refusal
  }
  env.observe?.({ kind: 'load', context })
  const isRenewed = state.origin === 'cookie' && carrier.writeRefusal() === undefined
    && (isLegacy || isRenewalDue(session, config, env.now()))
  if (state.isDirty) await commitHookWrites(context)
  else if (isRenewed) await renew(context)
  return undefined
}
