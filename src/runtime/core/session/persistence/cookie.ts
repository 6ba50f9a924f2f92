import type { SessionContext } from '../context'
import { assertTokenFits } from '../../cookie/set-cookie'
import { andThen } from '../../utils/maybe-promise'
import type { MaybePromise } from '../../utils/maybe-promise'
import { sealEnd, sealText } from '../../seal/seal'
import { send } from '../response'
import { assertStorable } from '../storable'
import { rememberSealed } from '../token'
import { assertWritable } from '../guards'

/**
 * Makes the session durable: seals it into the response. Nothing is changed where it throws.
 *
 * @throws SESSION_NOT_SERIALIZABLE, SESSION_TOO_LARGE, SESSION_HEADERS_SENT
 */
export function commit(context: SessionContext): MaybePromise<void> {
  const { env, config, state } = context
  assertWritable(context)
  if (state.isCleared) return send(context, undefined)
  const { record } = state
  const now = env.now()
  record.name = config.name
  if (config.idleTimeout === undefined) delete record.lastSeenAt
  else record.lastSeenAt = state.isNew && !state.isCommitted ? record.createdAt : now
  assertStorable(context)
  const text = JSON.stringify(record)
  const expiration = sealEnd(record, config, now)
  return andThen(sealText(text, expiration, config, now), (token) => {
    assertWritable(context)
    assertTokenFits(config.name, token)
    return andThen(send(context, token), () => {
      rememberSealed(token, text, expiration, config)
      state.markSent()
    })
  })
}
