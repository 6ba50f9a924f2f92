import { PLAIN_NAME, STRICT } from './preset'
import type { ResolvedConfig } from './types'

/** What the preset `strict` set in these options, for the log. */
export function describePreset(options: ResolvedConfig, isGuarded: boolean): string {
  const config = { ...options, crossOrigin: isGuarded && 'refuse' }
  const strict = { ...STRICT, ...config.name === PLAIN_NAME && { name: PLAIN_NAME } }
  const set = Object.entries(strict).filter(([key, value]) => config[key as keyof typeof strict] === value)
  return `The preset "strict" sets ${set.map(([key, value]) => `${key}: ${JSON.stringify(value)}, `).join('')}and Clear-Site-Data: "cache" at clear().`
}
