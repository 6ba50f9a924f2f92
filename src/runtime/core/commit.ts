import type { SessionContext } from './context'
import { assertTokenFits } from './cookies'
import { sealSession } from './seal'
import { send } from './send'
import { assertSerializable } from './serializable'
import { assertWritable } from './writable'

/**
 * Makes the session durable: seals it into the response. Nothing is changed where it throws.
 *
 * @throws SESSION_NOT_SERIALIZABLE, SESSION_TOO_LARGE, SESSION_HEADERS_SENT
 */
export async function commit(context: SessionContext): Promise<void> {
  const { env, config, state } = context
  assertWritable(context)
  if (state.isCleared) {
    await send(context, undefined)
    return
  }
  const { record } = state
  record.name = config.name
  if (config.idleTimeout === undefined) delete record.lastSeenAt
  else record.lastSeenAt = state.isNew && !state.isCommitted ? record.createdAt : env.now()
  assertSerializable(record.data, 'data')
  if (record.flash) assertSerializable(record.flash, 'flash')
  const token = await sealSession(record, config, env.now())
  assertWritable(context)
  assertTokenFits(config.name, token)
  await send(context, token)
  Object.assign(state, { isCommitted: true, passwordIndex: 0, isLegacy: false })
}
