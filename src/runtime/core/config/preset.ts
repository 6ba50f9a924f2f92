import { configInvalid, showValue } from '../model/errors'
import type { SessionRuntimeConfig } from '../model/types'
import { isSet } from './parse'

/**
 * The options of `preset: 'strict'`, each used if the app does not set it. The lifetimes are those of NIST SP 800-63B-4
 * for AAL2. The build declares them as unset, so that the environment can set the preset when the server starts.
 */
export const STRICT = {
  name: '__Host-Http-session',
  maxAge: 86_400,
  idleTimeout: 3600,
  sessionHeader: false,
  saveUninitialized: false,
  acceptUnnamed: false,
  crossOrigin: 'refuse',
} as const satisfies SessionRuntimeConfig

/** The name of `strict` in development over plain HTTP, where browsers refuse a cookie with a prefix. */
export const PLAIN_NAME = 'session'

/** @throws SESSION_CONFIG_INVALID */
export function toPreset(preset: unknown): 'h3' | 'strict' {
  if (preset === 'strict') return preset
  if (isSet(preset) && preset !== 'h3') throw configInvalid(`preset ${showValue(preset)} must be "strict" or "h3".`)
  return 'h3'
}

/** `isPlainDevelopment`: in development, over plain HTTP. */
export function presetOptions(preset: unknown, isPlainDevelopment: boolean): SessionRuntimeConfig {
  if (toPreset(preset) === 'h3') return {}
  return isPlainDevelopment ? { ...STRICT, name: PLAIN_NAME } : STRICT
}
