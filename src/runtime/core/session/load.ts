import { begin } from './context'
import { dropProtoKeys } from '../model/data'
import type { SessionContext } from './context'
import type { RejectReason } from '../model/errors'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { rejectReasonOf } from '../model/shape'
import { readToken } from './carried-token'
import { sharedSession, wasRemoved } from './h3-bridge'
import type { TombstoneReason } from '../store/store'
import { persistenceOf } from './persistence/modes'
import type { FoundSession } from './persistence/persistence'
import { renew } from './renewal'
import { callHook, commitHookWrites } from './transaction'
import type { Session, SessionDataShape } from '../model/types'
import { openToken } from './token'
import type { Refused, TokenResult } from './token'

type SharedSession = Session<SessionDataShape> | undefined
type Found = FoundSession | Refused

/** Finds the request's session, or begins one that is not sent yet, and runs the hooks. */
export function loadSession(context: SessionContext): MaybePromise<void> {
  const { carrier, state } = context
  if (carrier.isPrerendering()) return begin(context)
  const shared = sharedSession(carrier, state)
  return shared instanceof Promise ? shared.then(shared => loadBeside(context, shared)) : loadBeside(context, shared)
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

function find(context: SessionContext, shared: SharedSession): MaybePromise<Found | undefined> {
  const { env, carrier, config, state } = context
  const token = readToken(carrier, config)
  state.origin = token?.origin ?? 'none'
  if (!token) return shared?.id ? judge(context, shared) : undefined
  const opened = openToken(token.value, config, env.now())
  if (shared?.id) return andThen(opened, opened => judgeShared(context, shared, opened))
  const { find } = persistenceOf(context)
  if (!(opened instanceof Promise)) return find(context, opened)
  return opened.then(async (opened) => {
    const faster = await sharedSession(carrier, state)
    // h3 may have read the same token meanwhile; then its object is the session.
    return faster?.id ? judge(context, faster) : find(context, opened)
  })
}

/** What h3 began in place of a token that it refused is a new session. */
function judgeShared(context: SessionContext, shared: Session<SessionDataShape>, opened: TokenResult): Found {
  if (!('session' in opened) || opened.session.id !== shared.id) context.state.origin = 'none'
  return judge(context, shared)
}

function judge({ env, config }: SessionContext, session: Session<SessionDataShape>): Found {
  // h3 leaves such keys where they were sealed.
  dropProtoKeys(session.data)
  const reason = rejectReasonOf(session, config, env.now())
  return reason === undefined ? { session, passwordIndex: 0, isFallback: false } : { reason }
}

function adopt(context: SessionContext, found: Found | undefined): MaybePromise<void> {
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

function isDeath(reason: RejectReason): reason is TombstoneReason {
  return reason === 'revoked' || reason === 'superseded'
}

/** Makes what was found the session, unless the app refuses it. */
function accept(context: SessionContext, { session, passwordIndex, isFallback, sealedAt, stored, arriving }: FoundSession): MaybePromise<RejectReason | undefined> {
  const { env, carrier, state } = context
  state.passwordIndex = passwordIndex
  state.isFallback = isFallback
  state.sealedAt = sealedAt
  state.stored = stored
  state.arriving = arriving
  state.share(carrier, session)
  state.isCommitted = true
  state.isNew = state.origin === 'none'
  return env.hasHook('session:load') ? askApp(context) : keep(context)
}

async function askApp(context: SessionContext): Promise<RejectReason | undefined> {
  let refusal: RejectReason | undefined
  context.state.hookWrites = []
  await callHook(context, 'session:load', { reject: (reason) => { refusal = reason ?? 'rejected' } })
  if (refusal === undefined) {
    if (!context.state.isDirty) context.state.hookWrites = undefined
    return keep(context)
  }
  context.state.isDirty = false
  context.state.hookWrites = undefined
  return refusal
}

function keep(context: SessionContext): MaybePromise<RejectReason | undefined> {
  context.env.observe?.({ kind: 'load', context })
  return renew(context)
}
