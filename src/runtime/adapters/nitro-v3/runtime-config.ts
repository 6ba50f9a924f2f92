import { useRuntimeConfig } from 'nitro/runtime-config'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { parseEnvironmentValue } from '../shared/environment-value'

/** Reads `runtimeConfig.session`. Unlike Nitro 2, Nitro 3 does not parse environment variables. */
export function createConfigReader(): () => SessionRuntimeConfig | undefined {
  let last: { of: unknown, config: SessionRuntimeConfig } | undefined
  return () => {
    const raw = useRuntimeConfig().session
    if (raw === undefined) return undefined
    if (last?.of !== raw) last = { of: raw, config: valuesOf(raw) as SessionRuntimeConfig }
    return last.config
  }
}

/** The environment variable that sets the password, with the app's own prefix. */
export function passwordVariable(): string {
  return `${useRuntimeConfig().nitro?.envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}

function valuesOf(raw: unknown): unknown {
  if (typeof raw === 'string') return parseEnvironmentValue(raw)
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, valuesOf(value)]))
}
