import type { StoredContext } from '../context'
import { SessionError } from '../../model/errors'
import { TOMBSTONE_MS } from '../../model/lifetimes'
import { sealReference } from '../../seal/seal'
import { send, unsend } from '../response'
import { assertStorable } from '../storable'
import type { SessionRecord } from '../../store/store'
import { originOf, toRecord } from './stored-session'
import { assertCanSend } from '../guards'

/** The session has its new id, but the store did not confirm the end of the old one. */
export class UncertainError extends SessionError {}

/**
 * Stores the session under a new key and sends its token. `endPrevious` ends its previous form: the old id, or the
 * migrated cookie session.
 *
 * If `endPrevious` fails, the new session is discarded. If its outcome is unknown, the new session stays: the old id may
 * still end, and the visitor would have no session. In the worst case both exist until they expire.
 *
 * @throws what `endPrevious` throws; UncertainError
 */
export async function createStored(context: StoredContext, endPrevious: () => Promise<void>): Promise<void> {
  const { transport, config, env, state } = context
  assertCanSend(context)
  Object.assign(state.record, originOf(transport, config))
  const record = await recordOf(context)
  const token = await sealReference(state.record, config, env.now())
  const key = env.hash(state.record.id)
  const lines = [...transport.setCookies()]
  const header = state.sentHeader
  await createRecord(context, key, record)
  const finish = () => {
    state.stored = { id: state.record.id, key, known: undefined }
    state.migrating = undefined
    state.markSent()
  }
  try {
    assertCanSend(context)
    await send(context, token)
    await endPrevious()
  }
  catch (error) {
    if (isOfUnknownOutcome(error)) {
      finish()
      throw uncertain(error)
    }
    unsend(context, lines, header)
    await discard(context, key)
    throw error
  }
  finish()
}

/** The session's record, with the current time as its last use. @throws SESSION_NOT_SERIALIZABLE, SESSION_STORE_UNAVAILABLE */
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
    // If the write takes effect late, nobody has the id, but lists would contain it. The visitor does not wait for this.
    if (isOfUnknownOutcome(error)) void discard(context, key)
    throw error
  }
}

/** Ends a new session that no client has. If that fails, it expires. */
async function discard({ env, store }: StoredContext, key: string): Promise<void> {
  await store.destroy(key, { reason: 'revoked', until: env.now() + TOMBSTONE_MS }).catch(() => undefined)
}

function isOfUnknownOutcome(error: unknown): error is SessionError {
  return error instanceof SessionError && error.code === 'SESSION_STORE_UNAVAILABLE'
}

function uncertain(cause: SessionError): UncertainError {
  return new UncertainError('SESSION_STORE_UNAVAILABLE',
    'the session has a new id, but the store did not confirm the end of the old one, which may or may not have been written. The new session and its cookie stay. The old id may be usable until the session expires. See the cause.',
    { cause })
}
