import { cloneData, isPlainObject } from '../model/data'
import type { DevelopmentChecks } from './context'
import { watchData } from './unsaved'

/** Nitro removes these from a built server. */
export const DEVELOPMENT_CHECKS: DevelopmentChecks = {
  watchData,
  frozenData(state) {
    const { data } = state.record
    if (state.shown?.of !== data) state.shown = { of: data, copy: freeze(cloneData(data)) }
    return state.shown.copy
  },
  // In production, anybody can send such a cookie.
  warnOfOtherPassword({ env, config }) {
    env.warnOnce(`A request brought a session "${config.name}" that was sealed with another password, or changed. The visitor gets a new, empty session. If you did not change the password, then a useSession() of this app or of h3 has another "password", or another app on this host uses the same cookie. Give both the same password, or one of them another name.`)
  },
  warnOfNewH3Session({ env, config }) {
    env.warnOnce(`h3's own useSession() rejected the cookie of the session "${config.name}", which this module accepts, and began a new session. Its password or maxAge differs. Give both the same, or give one of them another name.`)
  },
}

function freeze<T>(value: T): T {
  if (!Array.isArray(value) && !isPlainObject(value)) return value
  for (const item of Object.values(value)) freeze(item)
  return Object.freeze(value)
}
