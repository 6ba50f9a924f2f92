import type { ResolvedConfig } from '../../config/types'
import type { SessionEnvironment } from '../context'
import { openToken } from '../token'
import type { Rejected } from '../token'
import { persistenceOf } from './modes'
import type { FoundSession } from './persistence'

/** Finds the session of a token that is not the request's own. @throws SESSION_STORE_UNAVAILABLE */
export async function openSealed(env: SessionEnvironment, token: string, config: ResolvedConfig): Promise<FoundSession | Rejected> {
  const context = { env, config, store: config.storage === undefined ? undefined : env.storeOf(config) }
  return persistenceOf(context).find(context, await openToken(token, config, env.now()))
}
