import type { FoundSession, Persistence, SessionEnvironment } from '../context'
import { cookiePersistence } from './cookie'
import { storePersistence } from './store'
import type { ResolvedConfig } from '../../config/types'
import type { SessionStore } from '../../store/store'
import { openToken } from '../token'
import type { Rejected } from '../token'

export function storeFor(env: Pick<SessionEnvironment, 'storeOf'>, config: ResolvedConfig): SessionStore | undefined {
  return config.storage === undefined ? undefined : env.storeOf(config)
}

export function persistenceOf(store: SessionStore | undefined): Persistence {
  return store === undefined ? cookiePersistence : storePersistence
}

/** Finds the session of a token that is not the request's own. @throws SESSION_STORE_UNAVAILABLE */
export async function openSealed(env: SessionEnvironment, token: string, config: ResolvedConfig): Promise<FoundSession | Rejected> {
  const store = storeFor(env, config)
  return persistenceOf(store).find({ env, config, store }, await openToken(token, config, env.now()))
}
