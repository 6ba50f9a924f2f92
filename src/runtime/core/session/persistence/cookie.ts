import type { ResolvedConfig } from '../../config/types'
import { assertTokenFits } from '../../cookie/cookies'
import { mayHoldProtoKeys } from '../../model/data'
import { isPlainJson } from '../../model/plain-json'
import { isRenewalDue, ownIdleTimeout } from '../../model/lifetimes'
import { sealEnd, sealSession, sealText } from '../../seal/seal'
import { loadOnce } from '../../utils/lazily'
import { andThen } from '../../utils/maybe-promise'
import type { MaybePromise } from '../../utils/maybe-promise'
import type { Persistence, SessionContext } from '../context'
import { send } from '../response'
import { requireCookieSession } from '../token'

/** Most sessions have plain data, and do not load its code. */
const loadFullCheck = loadOnce(() => import('../../model/serializable'))

/** Cookie sessions: the client's token contains all data. */
export const cookiePersistence: Persistence = {
  store: undefined,
  canEndIds: false,
  find: (_context, opened) => requireCookieSession(opened),
  isStored: () => false,
  seal: ({ config, env, state }) => sealSession({ ...state.record, name: config.name }, config, env.now()),
  commit: (context, _kind, prepare) => andThen(prepare(), outcome => outcome === 'skip' ? outcome : sealIntoResponse(context)),
  renew(context, canSendToken, write) {
    const { config, env, state } = context
    if (canSendToken && (state.isSealOutdated || isRenewalDue(state.record, config, env.now()))) return write(context, 'renew')
  },
  rejectionOf: () => undefined,
  isUncertain: () => false,
}

/** @throws SESSION_NOT_SERIALIZABLE, SESSION_TOO_LARGE, SESSION_HEADERS_SENT */
function sealIntoResponse(context: SessionContext): MaybePromise<void> {
  const { env, config, state } = context
  if (state.isCleared) return send(context, undefined)
  const { record } = state
  const now = env.now()
  record.name = config.name
  if (ownIdleTimeout(record, config) === undefined) delete record.lastSeenAt
  else record.lastSeenAt = state.isNew && !state.isCommitted ? record.createdAt : now
  // In development, the full check also warns of values that JSON changes.
  const isPlain = !env.isDevelopment && isPlainJson(record.data) && isPlainJson(record.flash)
  return isPlain
    ? sealRecord(context, now)
    : andThen(loadFullCheck(), ({ assertSessionSerializable }) => {
        assertSessionSerializable(record, env)
        return sealRecord(context, now)
      })
}

function sealRecord(context: SessionContext, now: number): MaybePromise<void> {
  const { config, state } = context
  const text = JSON.stringify(state.record)
  const expiration = sealEnd(state.record, config, now)
  return andThen(sealText(text, expiration, config, now), (token) => {
    assertTokenFits(config.name, token)
    return andThen(send(context, token), () => {
      rememberSealed(token, text, expiration, config)
      state.markSent()
    })
  })
}

/** Caches a token that was just sealed: the next request sends it. */
function rememberSealed(token: string, text: string, expiration: string, config: ResolvedConfig): void {
  if (!mayHoldProtoKeys(text)) config.tokens?.add({ token, owner: config, content: { text }, expiration, passwordIndex: 0, isFallback: false })
}
