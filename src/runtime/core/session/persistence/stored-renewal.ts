import type { RejectReason } from '../../model/errors'
import { isRenewalDue, ownIdleTimeout } from '../../model/lifetimes'
import type { Lifetimes } from '../../model/lifetimes'
import type { Session } from '../../model/types'
import { sealReference } from '../../seal/reference'
import { ignoreRenewalError } from '../renewal'
import { send } from '../response'
import { unsend } from './unsend'
import { reasonOf, toRecord, toStoredSession } from './stored-session'
import type { StoredContext } from './stored-session'
import { isAlive } from '../../store/record'
import type { StoredState } from '../state'

/**
 * Renews the record or the client's seal if half of its idle window has passed. Both are checked, because the cookie of
 * an earlier renewal may be lost. Returns the reason if the session has ended.
 */
export function renewStored(context: StoredContext, stored: StoredState, canSendToken: boolean): Promise<RejectReason | undefined> | undefined {
  // Without an idle timeout, the client does not need the record's new end.
  const mayRenewRecord = canSendToken || ownIdleTimeout(context.state.record, context.config) === undefined
  if (mayRenewRecord && isRecordDue(context, stored)) return renewRecord(context, stored, canSendToken)
  if (canSendToken && isSealDue(context)) return renewSeal(context)
}

/** Sends a new token if the cookie's end changes or the seal is outdated. */
export async function renewSeal(context: StoredContext): Promise<undefined> {
  const { transport, config, env, state } = context
  const isDue = ownIdleTimeout(state.record, config) !== undefined || state.transport === 'header' || state.isSealOutdated
  if (!isDue || transport.writeRefusal() !== undefined) return
  try {
    const token = await sealReference(state.record, config, env.now())
    if (transport.writeRefusal() !== undefined) return
    await send(context, token)
    state.markSent()
    state.confirm = () => confirm(context)
  }
  catch (error) {
    ignoreRenewalError(context, error)
  }
}

/** Reverts the renewal if the session has ended since: the browser may already have the cookie of a newer login. */
async function confirm(context: StoredContext): Promise<void> {
  const { transport, state, store } = context
  const { stored } = state
  if (!stored || transport.writeRefusal() !== undefined) return
  // A store failure reverts it too. It is due again at the next read.
  const found = await store.get(stored.key, state.record.userId).catch(() => undefined)
  if (!isAlive(found) && state.stored?.key === stored.key) unsend(context)
}

async function renewRecord(context: StoredContext, stored: StoredState, canSendToken: boolean): Promise<RejectReason | undefined> {
  const { config, env, state, store } = context
  const { lastSeenAt, expiresAt } = toRecord(state.record, config, env.now())
  const found = await store.touch(stored.key, { lastSeenAt, expiresAt }, stored.known)
  if (!isAlive(found)) return reasonOf(found)
  state.record = toStoredSession(stored.id, found.record)
  state.stored = { ...stored, known: found }
  return canSendToken ? renewSeal(context) : undefined
}

function isRecordDue({ config, env, state }: StoredContext, { known }: StoredState): boolean {
  const now = env.now()
  if (isRenewalDue(state.record, config, now)) return true
  if (!known) return false
  // The record keeps its written end, even if the configured lifetimes are longer now.
  const { lastSeenAt, expiresAt } = known.record
  return now - lastSeenAt >= (expiresAt - lastSeenAt) / 2 && toRecord(state.record, config, now).expiresAt > expiresAt
}

function isSealDue({ config, env, state }: StoredContext): boolean {
  return state.isSealOutdated || isSealRenewalDue(state.sealedAt, state.record, config, env.now())
}

/** Whether half of the idle window has passed since sealing. The cookie expires at the end of that window. */
export function isSealRenewalDue(sealedAt: number | undefined, session: Pick<Session, 'idleTimeout'>, config: Lifetimes, now: number): boolean {
  const idleTimeout = ownIdleTimeout(session, config)
  return idleTimeout !== undefined && now - (sealedAt ?? -Infinity) >= idleTimeout * 500
}
