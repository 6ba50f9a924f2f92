import { startCleared, startNew } from './context'
import { dropProtoKeys } from '../model/data'
import type { FoundSession, SessionContext } from './context'
import type { RejectReason } from '../model/errors'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { rejectReasonOf } from '../model/shape'
import { readToken, openToken } from './token'
import type { Rejected, TokenResult } from './token'
import { readH3Session, wasRemoved } from './h3-bridge'
import { renew } from './renewal'
import type { TombstoneReason } from '../store/store'
import { callHook, commitHookWrites } from './transaction'
import type { Session, SessionDataShape } from '../model/types'

type H3Session = Session<SessionDataShape>
type Found = FoundSession | Rejected

/** Loads the request's session, or starts a new one, and runs the hooks. */
export function loadSession(context: SessionContext): MaybePromise<void> {
  const { transport, state } = context
  if (transport.writeRefusal() === 'prerender') return startNew(context)
  const loading = readH3Session(transport, state)
  return loading ? loading.then(loadWithH3Session.bind(undefined, context)) : loadWithH3Session(context)
}

function loadWithH3Session(context: SessionContext, h3Session?: H3Session): MaybePromise<void> {
  if (!h3Session && wasRemoved(context)) return startCleared(context)
  const found = find(context, h3Session?.id ? h3Session : undefined)
  return found instanceof Promise ? found.then(applyFound.bind(undefined, context)) : applyFound(context, found)
}

function find(context: SessionContext, h3Session: H3Session | undefined): MaybePromise<Found | undefined> {
  const { env, transport, config, state, persistence } = context
  const token = readToken(transport, config)
  state.transport = token?.transport ?? 'none'
  if (!token) return h3Session && checkSession(context, h3Session)
  const opened = openToken(token.value, config, env.now())
  if (h3Session) return andThen(opened, checkH3Session.bind(undefined, context, h3Session))
  return opened instanceof Promise ? opened.then(findUnlessLoaded.bind(undefined, context)) : persistence.find(context, opened)
}

function checkH3Session(context: SessionContext, h3Session: H3Session, opened: TokenResult): Found {
  const { env, state } = context
  // h3 rejected the token, so its session is new.
  if (!('session' in opened) || opened.session.id !== h3Session.id) state.transport = 'none'
  if ('session' in opened && state.transport === 'none') env.development?.warnOfNewH3Session(context)
  return checkSession(context, h3Session)
}

async function findUnlessLoaded(context: SessionContext, opened: TokenResult): Promise<Found> {
  const { transport, state, persistence } = context
  // h3 may have loaded the same token meanwhile. Its object is then the session.
  const loaded = await readH3Session(transport, state)
  return loaded?.id ? checkSession(context, loaded) : persistence.find(context, opened)
}

function checkSession({ env, config }: SessionContext, session: H3Session): Found {
  // h3 does not remove these keys.
  dropProtoKeys(session.data)
  const reason = rejectReasonOf(session, config, env.now())
  return reason === undefined ? { session, passwordIndex: 0, isFallback: false } : { reason }
}

function applyFound(context: SessionContext, found: Found | undefined): MaybePromise<void> {
  if (found === undefined) return startAbsent(context)
  if ('reason' in found) return reject(context, found)
  const rejection = accept(context, found)
  if (rejection instanceof Promise) return rejection.then(rejectFor.bind(undefined, context))
}

function rejectFor(context: SessionContext, reason: RejectReason | undefined): MaybePromise<void> {
  return reason === undefined ? undefined : reject(context, { reason })
}

function startAbsent(context: SessionContext): void {
  startNew(context)
  context.env.observe?.({ kind: 'absent', context })
}

function reject(context: SessionContext, { reason, successor, failure, writeError }: Rejected): MaybePromise<void> {
  const { env, transport, state } = context
  state.stored = undefined
  state.migrating = undefined
  state.proof = undefined
  state.isDirty = false
  startNew(context)
  state.tombstone = isTombstoneReason(reason) ? { dead: reason, successor } : undefined
  // The next request may have the proof.
  state.unchecked = writeError ?? (reason === 'overloaded' || reason === 'unproven')
  env.observe?.({ kind: 'reject', context, reason, failure })
  if (reason === 'tampered') env.development?.warnOfOtherPassword(context)
  // No session may start inside a cached handler, not even in a hook.
  return andThen(callHook(context, 'session:reject', { reason }), () =>
    state.isDirty && transport.caches().length === 0 ? commitHookWrites(context) : undefined)
}

function isTombstoneReason(reason: RejectReason): reason is TombstoneReason {
  return reason === 'revoked' || reason === 'superseded'
}

/** Makes the found session the current one, unless a hook rejects it. */
function accept(context: SessionContext, { session, passwordIndex, isFallback, sealedAt, stored, migrating, proof }: FoundSession): MaybePromise<RejectReason | undefined> {
  const { env, transport, state } = context
  state.passwordIndex = passwordIndex
  state.isFallback = isFallback
  state.sealedAt = sealedAt
  state.stored = stored
  state.migrating = migrating
  state.proof = proof
  state.setRecord(transport, session)
  state.isCommitted = true
  state.isNew = state.transport === 'none'
  return env.hasHook('session:load') ? runLoadHook(context) : finishLoad(context)
}

async function runLoadHook(context: SessionContext): Promise<RejectReason | undefined> {
  const { state } = context
  let rejection: RejectReason | undefined
  state.hookWrites = []
  await callHook(context, 'session:load', { reject: (reason) => { rejection = reason ?? 'rejected' } })
  if (rejection !== undefined) state.isDirty = false
  if (!state.isDirty) state.hookWrites = undefined
  return rejection ?? finishLoad(context)
}

function finishLoad(context: SessionContext): MaybePromise<RejectReason | undefined> {
  context.env.observe?.({ kind: 'load', context })
  return renew(context)
}
