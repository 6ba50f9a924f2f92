import type { FoundSession, Persistence, SessionEnvironment } from '../context'
import { cookiePersistence } from './cookie'
import type { ResolvedConfig } from '../../config/types'
import type { MaybePromise } from '../../utils/maybe-promise'
import { openToken } from '../token'
import type { Rejected } from '../token'

export function persistenceOf(env: Pick<SessionEnvironment, 'persistenceOf'>, config: ResolvedConfig): MaybePromise<Persistence> {
  return config.storage === undefined ? cookiePersistence : env.persistenceOf(config)
}

/** Finds the session of a token that is not the request's own. @throws SESSION_STORE_UNAVAILABLE */
export async function openSealed(env: SessionEnvironment, token: string, config: ResolvedConfig): Promise<FoundSession | Rejected> {
  const { find, store } = await persistenceOf(env, config)
  return find({ env, config, store }, await openToken(token, config, env.now()))
}
