import type { ResolvedConfig } from '../../config/types'
import type { SessionEnvironment } from '../context'
import { findStored } from './stored-session'
import { openToken, toWhole } from '../token'
import type { OpenedSession, Refused } from '../token'

/** The session of a seal that did not come as the request's own. @throws SESSION_STORE_UNAVAILABLE */
export async function openSealed(env: SessionEnvironment, token: string, config: ResolvedConfig): Promise<Pick<OpenedSession, 'session'> | Refused> {
  const opened = await openToken(token, config, env.now())
  if (config.storage !== undefined) return findStored({ env, config, store: env.storeOf(config) }, opened)
  return toWhole(opened)
}
