import { configInvalid, showValue } from '../model/errors'
import type { SessionRuntimeConfig } from '../model/types'
import { isSet } from './parse'
import { presetOptions } from './preset'
import { CONFIG_DEFAULTS } from './resolve'

/** Which origins may send requests to the app. */
export interface OriginPolicy {
  /** Whether state-changing requests of other origins are refused. */
  readonly isGuarded: boolean
  readonly trusted: ReadonlySet<string>
}

// Scheme, host and port, as in the header `Origin` (RFC 6454, 6.2).
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@\\*]+$/i

/** @throws SESSION_CONFIG_INVALID */
export function originPolicyOf(runtime: SessionRuntimeConfig | undefined): OriginPolicy {
  // Beside another module's session, the preset is an option of this module's own one.
  const own = isSet(runtime?.ownName) ? runtime.named?.[runtime.ownName]?.preset : undefined
  const options = [runtime, presetOptions(isSet(own) ? own : runtime?.preset, false), CONFIG_DEFAULTS]
  const crossOrigin: unknown = options.map(layer => layer?.crossOrigin).find(isSet)
  if (crossOrigin !== 'allow' && crossOrigin !== 'refuse') throw configInvalid(`crossOrigin ${showValue(crossOrigin)} must be "refuse" or "allow".`)
  const given: unknown = runtime?.trustedOrigins
  const trusted = isSet(given) ? [given].flat() : CONFIG_DEFAULTS.trustedOrigins
  return { isGuarded: crossOrigin === 'refuse', trusted: new Set(trusted.map(toOrigin)) }
}

function toOrigin(given: unknown): string {
  const origin = typeof given === 'string' ? normalizeOrigin(given) : undefined
  if (origin === undefined)
    throw configInvalid(`trustedOrigins has ${showValue(given)}. Write each origin as scheme, host and port, if it has one, without a path and without "*": "https://app.example.com".`)
  return origin
}

/** The origin in lower case, without the default port of its scheme; `undefined` for `null` and for text that is no origin. */
export function normalizeOrigin(text: string): string | undefined {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return undefined
  const { protocol, host } = new URL(text)
  return host === '' ? undefined : `${protocol}//${host.toLowerCase()}`
}
