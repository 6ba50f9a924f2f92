import type { StoredContext } from '../context'
import { SessionError } from '../../model/errors'
import { TOMBSTONE_MS } from '../../model/lifetimes'
import { sealReference } from '../../seal/seal'
import { send, unsend } from '../response'
import { assertStorable } from '../storable'
import type { SessionRecord } from '../../store/store'
import { originOf, toRecord } from './stored-session'
import { assertCanSend } from '../guards'

/** The session goes on under its new id, and the store does not say whether the old one has ended. */
export class UncertainError extends SessionError {}

/**
 * Keeps the session under a new key and sends its token; `release` ends what it was before.
 *
 * If that certainly failed, nothing of the new session stays. If its outcome is unknown, the end of the old id may
 * still arrive: the new session stays, or its visitor would have none. If it never arrives, both live until they end.
 * What is killed in between leaves the old one.
 *
 * @throws what `release` throws; UncertainError
 */
export async function createStored(context: StoredContext, release: () => Promise<void>): Promise<void> {
  const { transport, config, env, state } = context
  assertCanSend(context)
  Object.assign(state.record, originOf(transport, config))
  const record = await recordOf(context)
  const token = await sealReference(state.record, config, env.now())
  const key = env.hash(state.record.id)
  const lines = [...transport.setCookies()]
  const header = state.sentHeader
  await createRecord(context, key, record)
  const goOn = () => {
    state.stored = { id: state.record.id, key, known: undefined }
    state.migrating = undefined
    state.markSent()
  }
  try {
    assertCanSend(context)
    await send(context, token)
    await release()
  }
  catch (error) {
    if (isOfUnknownOutcome(error)) {
      goOn()
      throw uncertain(error)
    }
    unsend(context, lines, header)
    await discard(context, key)
    throw error
  }
  goOn()
}

/** The session as it is kept, used now. @throws SESSION_NOT_SERIALIZABLE, SESSION_STORE_UNAVAILABLE */
export async function recordOf(context: StoredContext): Promise<SessionRecord> {
  const { config, env, state: { record }, store } = context
  const now = env.now()
  assertStorable(context)
  record.name = config.name
  record.lastSeenAt = now
  if (record.userId !== undefined && record.epoch === undefined) record.epoch = await store.epoch(record.userId)
  return toRecord(record, config, now)
}

async function createRecord(context: StoredContext, key: string, record: SessionRecord): Promise<void> {
  try {
    await context.store.create(key, record)
  }
  catch (error) {
    // Nobody was told the id. What arrives late would be listed; the visitor does not wait for its end.
    if (isOfUnknownOutcome(error)) void discard(context, key)
    throw error
  }
}

/** Ends a new session that nobody has. If that fails, it ends by its lifetimes. */
async function discard({ env, store }: StoredContext, key: string): Promise<void> {
  await store.destroy(key, { reason: 'revoked', until: env.now() + TOMBSTONE_MS }).catch(() => undefined)
}

function isOfUnknownOutcome(error: unknown): error is SessionError {
  return error instanceof SessionError && error.code === 'SESSION_STORE_UNAVAILABLE'
}

function uncertain(cause: SessionError): UncertainError {
  return new UncertainError('SESSION_STORE_UNAVAILABLE',
    'the session has a new id, and the store did not say whether the old one has ended: that may or may not have been written. The new session and its cookie stay; the old id may be usable until the session ends. The cause says what to check.',
    { cause })
}
