import { useStorage } from 'nitro/storage'
import { nextHostParts, HttpAnswer } from '../h3-v2/host'
import type { SessionHost } from '../shared/host'
import type { NextEvent } from '../h3-v2/event'
import type { NextApp } from '../h3-v2/responses'
import { useRuntimeConfig } from 'nitro/runtime-config'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { parseEnvironmentValue } from '../shared/runtime'
import { SessionError } from '../../core/model/errors'

/** The host for Nitro 3 with h3 2: Nuxt 5, and Nitro alone. */
export function createNitro3Host({ hooks }: Nitro3App): SessionHost {
  return {
    sessionConfig: createConfigReader(),
    passwordVariable: passwordVariable(),
    mountOf: key => useStorage().getMount(key),
    // Nitro 3 has no public API to look up hooks.
    hasHook: name => Boolean(hooks._hooks[name]?.length),
    callHook: async (name, ...args) => hooks.callHook(name, ...args),
    isDevelopment: import.meta.dev === true,
    ...nextHostParts(import.meta.prerender === true),
  }
}

type Hook = (...args: never[]) => unknown
type Middleware = (event: NextEvent, next: () => unknown) => unknown

/** The used part of Nitro 3's app. */
export interface Nitro3App {
  h3: NextApp & {
    '~middleware': Middleware[]
    'config': { onError?: (error: Error & { cause?: unknown }, event: never) => unknown }
  }
  hooks: {
    _hooks: Record<string, Hook[] | undefined>
    hook: (name: string, hook: Hook) => void
    callHook: (name: string, ...args: unknown[]) => unknown
  }
}

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

/** Nitro 3 sends unknown errors with status 500. This sends session errors with their status 409 or 503. */
export function answerErrors({ h3: { config } }: Nitro3App): void {
  const { onError } = config
  config.onError = (error, event) => onError?.(answerOf(error), event)
}

function answerOf(error: Error & { cause?: unknown }): Error {
  const { cause } = error
  if (!(cause instanceof SessionError) || (cause.statusCode !== 409 && cause.statusCode !== 503)) return error
  return Object.assign(new HttpAnswer(cause.statusCode, cause.code, 'Server Error'), { cause })
}
