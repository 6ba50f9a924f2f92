import type { Presets, SessionPreset } from './protocol'

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
