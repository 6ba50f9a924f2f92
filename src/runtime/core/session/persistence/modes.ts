import type { SessionContext, SessionEnvironment } from '../context'
import { cookiePersistence } from './cookie'
import type { Persistence, FoundSession } from './persistence'
import { storePersistence } from './store'
import type { ResolvedConfig } from '../../config/types'
import { openToken } from '../token'
import type { Rejected } from '../token'

/** The persistence of a context. */
export function persistenceOf({ store }: Pick<SessionContext, 'store'>): Persistence {
  return store === undefined ? cookiePersistence : storePersistence
}

/** Finds the session of a token that is not the request's own. @throws SESSION_STORE_UNAVAILABLE */
export async function openSealed(env: SessionEnvironment, token: string, config: ResolvedConfig): Promise<FoundSession | Rejected> {
  const context = { env, config, store: config.storage === undefined ? undefined : env.storeOf(config) }
  return persistenceOf(context).find(context, await openToken(token, config, env.now()))
}
