import type { ResolvedConfig } from '../config/types'
import { latestEnd } from '../model/lifetimes'
import type { Session } from '../model/types'
import type { MaybePromise } from '../utils/maybe-promise'
import { sealText } from './seal'

// A longer id would make the cookie large, only to save a command.
const MAX_USER_ID_LENGTH = 64

/** Seals the id of a stored session. The seal lasts as long as renewals can keep the session. */
export function sealReference({ id, ...session }: Session, config: ResolvedConfig, now: number): MaybePromise<string> {
  const end = config.sealTtl ? Math.min(latestEnd(session, config), now + config.sealTtl) : latestEnd(session, config)
  const userId = session.userId !== undefined && session.userId.length <= MAX_USER_ID_LENGTH ? session.userId : undefined
  return sealText(JSON.stringify({ id, name: config.name, sealedAt: now, userId }), String(Math.ceil(end)), config, now)
}
