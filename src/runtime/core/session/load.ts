import { readToken } from './carried-token'
import { begin, isStored } from './context'
import { dropProtoKeys } from '../model/data'
import type { SessionContext, StoredContext } from './context'
import { SessionError } from '../model/errors'
import type { RejectReason } from '../model/errors'
import { isRenewalDue } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { refusalOf } from '../model/shape'
import { sharedSession, wasRemoved } from './h3-bridge'
import type { DeathReason } from '../store/store'
import { findStored } from './persistence/stored-session'
import { renewStored } from './persistence/stored-renewal'
import { EndedError } from './persistence/stored-write'
import { callHook, commitHookWrites, renew } from './transaction'
import type { Session, SessionDataShape } from '../model/types'
import { openToken, toWhole } from './token'
import type { OpenedSession, Refused, TokenResult } from './token'

type SharedSession = Session<SessionDataShape> | undefined
type SealedResult = OpenedSession | Refused

/** Finds the request's session, or begins one that is not sent yet, and runs the hooks. */
export function loadSession(context: SessionContext): MaybePromise<void> {
  const { carrier, state } = context
  if (carrier.isPrerendering()) return begin(context)
  if (isStored(context)) return loadStored(context)
  const shared = sharedSession(carrier, state)
  return shared instanceof Promise ? shared.then(shared => loadBeside(context, shared)) : loadBeside(context, shared)
}

async function loadStored(context: StoredContext): Promise<void> {
  const { env, carrier, config, state } = context
  const token = readToken(carrier, config)
  state.origin = token?.origin ?? 'none'
  if (token === undefined) return begin(context)
  const found = await findStored(context, await openToken(token.value, config, env.now()))
  if (!('reason' in found)) {
    state.stored = found.stored
    state.arriving = found.arriving
  }
  await adopt(context, found)
}

/** `shared` is the session of h3's own functions in the same request. */
function loadBeside(context: SessionContext, shared: SharedSession): MaybePromise<void> {
  if (!shared && wasRemoved(context)) {
    begin(context)
    context.state.isCleared = true
    return
  }
  const found = find(context, shared)
  return found instanceof Promise ? found.then(found => adopt(context, found)) : adopt(context, found)
}

function find(context: SessionContext, shared: SharedSession): MaybePromise<SealedResult | undefined> {
  const { env, carrier, config, state } = context
  const token = readToken(carrier, config)
  state.origin = token?.origin ?? 'none'
  if (!token) return shared?.id ? judge(context, shared) : undefined
  const opened = openToken(token.value, config, env.now())
  if (shared?.id) return andThen(opened, opened => judgeShared(context, shared, opened))
  if (!(opened instanceof Promise)) return toWhole(opened)
  return opened.then(async opened => faster(context, await sharedSession(carrier, state), toWhole(opened)))
}

/** h3 may have read the same token meanwhile; then its object is the session. */
function faster(context: SessionContext, shared: SharedSession, opened: SealedResult): SealedResult {
  return shared?.id ? judge(context, shared) : opened
}

/** What h3 began in place of a token that it refused is a new session. */
function judgeShared(context: SessionContext, shared: Session<SessionDataShape>, opened: TokenResult): SealedResult {
  if (!('session' in opened) || opened.session.id !== shared.id) context.state.origin = 'none'
  return judge(context, shared)
}

function judge({ env, config }: SessionContext, session: Session<SessionDataShape>): SealedResult {
  // h3 leaves such keys where they were sealed.
  dropProtoKeys(session.data)
  const reason = refusalOf(session, config, env.now())
  return reason === undefined ? { session, passwordIndex: 0, isFallback: false } : { reason }
}

function adopt(context: SessionContext, found: SealedResult | undefined): MaybePromise<void> {
  if (found === undefined) return begin(context)
  if ('reason' in found) return reject(context, found.reason)
  const refusal = accept(context, found)
  if (refusal instanceof Promise) return refusal.then(refusal => refusal === undefined ? undefined : reject(context, refusal))
}

function reject(context: SessionContext, reason: RejectReason): MaybePromise<void> {
  const { env, carrier, state } = context
  state.stored = undefined
  state.arriving = undefined
  state.isDirty = false
  begin(context)
  state.tombstone = isDeath(reason) ? reason : undefined
  state.isUnchecked = reason === 'overloaded'
  env.observe?.({ kind: 'reject', context, reason })
  // Inside a cached handler no session begins, not even by a hook.
  return andThen(callHook(context, 'session:reject', { reason }), () =>
    state.isDirty && carrier.caches().length === 0 ? commitHookWrites(context) : undefined)
}

function isDeath(reason: RejectReason): reason is DeathReason {
  return reason === 'revoked' || reason === 'superseded'
}

/** Makes what was found the session, unless the app refuses it. */
function accept(context: SessionContext, { session, passwordIndex, isFallback, sealedAt }: OpenedSession): Promise<RejectReason | undefined> | undefined {
  const { env, carrier, state } = context
  state.passwordIndex = passwordIndex
  state.isFallback = isFallback
  state.sealedAt = sealedAt
  state.share(carrier, session)
  state.isCommitted = true
  state.isNew = state.origin === 'none'
  return env.hasHook('session:load') ? askApp(context, session) : keep(context, session)
}

async function askApp(context: SessionContext, session: Session<SessionDataShape>): Promise<RejectReason | undefined> {
  let refusal: RejectReason | undefined
  context.state.hookWrites = []
  await callHook(context, 'session:load', { reject: (reason) => { refusal = reason ?? 'rejected' } })
  if (refusal === undefined) {
    if (!context.state.isDirty) context.state.hookWrites = undefined
    return keep(context, session)
  }
  context.state.isDirty = false
  context.state.hookWrites = undefined
  return refusal
}

function keep(context: SessionContext, session: Session<SessionDataShape>): Promise<RejectReason | undefined> | undefined {
  const { env, carrier, config, state } = context
  env.observe?.({ kind: 'load', context })
  // Who sends a header may not look at the answer's.
  const isAnswered = state.origin === 'cookie' && carrier.writeRefusal() === undefined
  if (state.isDirty || (state.arriving && isAnswered)) return isStored(context) ? commitStored(context) : commitHookWrites(context)
  if (isStored(context) && state.stored) return renewStored(context, state.stored, isAnswered)
  if (!isAnswered || (!state.isSealOutdated && !isRenewalDue(session, config, env.now()))) return undefined
  return renew(context)
}

/** What hooks wrote, and a whole session that moves into the store: unless it ended there meanwhile. */
async function commitStored(context: SessionContext): Promise<RejectReason | undefined> {
  try {
    await commitHookWrites(context)
    return undefined
  }
  catch (error) {
    if (error instanceof EndedError) return 'superseded'
    const isForeign = context.state.arriving !== undefined && !context.state.isDirty
    if (isForeign && error instanceof SessionError && error.code === 'SESSION_NOT_SERIALIZABLE') return 'malformed'
    throw error
  }
}
