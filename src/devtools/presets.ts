import type { JsonObject } from './protocol'

/** A session that the tab creates with one click. */
export interface SessionPreset {
  /** The session's name. @default the default session */
  name?: string
  /** The user that the session is bound to, as by `regenerate({ userId })`. */
  userId?: string
  /** The session's own lifetime in seconds. */
  maxAge?: number
  /** The session's data. */
  data?: Record<string, unknown>
}

export type Presets = Record<string, Omit<SessionPreset, 'data'> & { data?: JsonObject }>

const KEYS = ['name', 'userId', 'maxAge', 'data']

/** @throws if a preset has other keys, such as session data outside of `data` */
export function checkPresets(presets: Record<string, SessionPreset>): Presets {
  for (const [preset, options] of Object.entries(presets)) {
    const unknown = Object.keys(options).find(key => !KEYS.includes(key))
    if (unknown !== undefined)
      throw new Error(`[nuxt-h3-session] The preset "${preset}" has the unknown option "${unknown}". Its options are name, userId, maxAge and data: { ${preset}: { userId: '1', data: { ${unknown}: … } } }.`)
  }
  return presets as Presets
}
