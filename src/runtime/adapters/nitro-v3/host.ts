import { useRuntimeConfig } from 'nitro/runtime-config'
import { useStorage } from 'nitro/storage'
import { SessionError } from '../../core/model/errors'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { HttpAnswer, nextHostParts } from '../h3-v2/host'
import type { MiddlewareApp } from '../h3-v2/origins'
import type { NextApp } from '../h3-v2/responses'
import type { SessionHost } from '../shared/host'
import { parseEnvironmentValue } from '../shared/runtime'

type Hook = (...args: never[]) => unknown

/** The used part of Nitro 3's app. */
export interface Nitro3App {
  h3: NextApp & MiddlewareApp & {
    config: { onError?: (error: Error & { cause?: unknown }, event: never) => unknown }
  }
  hooks: {
    _hooks: Record<string, Hook[] | undefined>
    hook: (name: string, hook: Hook) => void
    callHook: (name: string, ...args: unknown[]) => unknown
  }
}

/** The host for Nitro 3 with h3 2: Nuxt 5, and Nitro alone. */
export function createNitro3Host({ hooks }: Nitro3App): SessionHost {
  let last: { of: unknown, config: SessionRuntimeConfig } | undefined
  return {
    sessionConfig() {
      const raw = useRuntimeConfig().session
      if (raw === undefined) return undefined
      if (last?.of !== raw) last = { of: raw, config: valuesOf(raw) as SessionRuntimeConfig }
      return last.config
    },
    passwordVariable: `${useRuntimeConfig().nitro?.envPrefix ?? 'NITRO_'}SESSION_PASSWORD`,
    basePath: ((import.meta as { baseURL?: string }).baseURL ?? '').replace(/\/$/, ''),
    mountOf: key => useStorage().getMount(key),
    // Nitro 3 has no public API to look up hooks.
    hasHook: name => Boolean(hooks._hooks[name]?.length),
    callHook: async (name, ...args) => hooks.callHook(name, ...args),
    isDevelopment: import.meta.dev === true,
    ...nextHostParts(import.meta.prerender === true),
  }
}

/** Unlike Nitro 2, Nitro 3 does not parse environment variables. */
function valuesOf(raw: unknown): unknown {
  if (typeof raw === 'string') return parseEnvironmentValue(raw)
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, valuesOf(value)]))
}

/** Nitro 3 sends unknown errors with status 500. This sends session errors with their status 409 or 503. */
export function answerErrors({ h3: { config } }: Nitro3App): void {
  const { onError } = config
  config.onError = (error, event) => {
    const { cause } = error
    if (!(cause instanceof SessionError) || (cause.statusCode !== 409 && cause.statusCode !== 503)) return onError?.(error, event)
    return onError?.(Object.assign(new HttpAnswer(cause.statusCode, cause.code, 'Server Error'), { cause }), event)
  }
}
