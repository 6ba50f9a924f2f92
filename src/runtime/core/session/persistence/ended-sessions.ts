import { SessionContext } from '../context'
import { SessionState } from '../state'
import { callHook } from '../transaction'
import type { Transport } from '../transport'
import { attempt } from '../../utils/maybe-promise'
import type { SessionRecord } from '../../store/store'

/** Calls the hooks of sessions that `maxUserSessions` has ended. The hooks can write this session, because its write has ended. All are called, even if one throws. */
export async function callEndedHooks(context: SessionContext, trace: string | undefined): Promise<void> {
  const { state } = context
  const { ended = [] } = state
  state.ended = undefined
  const failures: unknown[] = []
  for (const { key: handle, record } of ended) {
    const other = endedContext(context, handle, record)
    context.env.observe?.({ kind: 'revoke', context: other, trace })
    const hook = attempt(callHook<'session:clear'>, other, 'session:clear', { reason: 'maxUserSessions', handle, userId: record.userId })
    await hook.catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

/** The context of another session that has ended. It can be read by hooks; a write throws SESSION_READONLY. */
function endedContext(context: SessionContext, key: string, { expiresAt, ...record }: SessionRecord): SessionContext {
  const { env, config, siblings } = context
  // A write inside a hook is committed with the hook's own write. Here is none, so it must throw.
  const persistence = { ...context.persistence, isStored: () => false }
  const transport = Object.create(context.transport, { writeRefusal: { value: () => 'readonly' } }) as Transport
  const state = new SessionState(config.name, config.storage)
  const id = ''
  state.record = { ...record, id }
  state.stored = { id, key, known: undefined }
  state.transport = context.state.transport
  state.isCommitted = true
  return new SessionContext(env, transport, config, state, siblings, persistence)
}
