import { resolveConfig } from '../core/config/resolve'
import type { ResolvedConfig } from '../core/config/types'
import { SessionError } from '../core/model/errors'
import type { SessionConfig, SessionRuntimeConfig } from '../core/model/types'
import type { ServerEnvironment } from './environment'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'
import { resolvedConfig } from './open'

/** Most apps have nothing to report, and do not load its code. */
const report = () => import('./startup-report')

/**
 * Resolves the options of all sessions when the server starts, and logs what would fail at the first request. Only a
 * weak password stops the server.
 * @throws SESSION_PASSWORD_WEAK
 */
export function checkAtStart(env: ServerEnvironment): void {
  const { host } = env
  if (host.isPrerendering) return
  const runtime = host.sessionConfig()
  const resolved = new Map<string | undefined, ResolvedConfig>()
  const failures: [name: string | undefined, error: unknown][] = []
  for (const name of [undefined, ...Object.keys(runtime?.named ?? {})]) {
    try {
      resolved.set(name, resolveAtStart(env, name === undefined ? undefined : { name }, runtime))
    }
    catch (error) {
      const code = error instanceof SessionError ? error.code : undefined
      if (code === 'SESSION_PASSWORD_WEAK') throw error
      if (code !== 'SESSION_PASSWORD_MISSING' || HAS_ENVIRONMENT_AT_START) failures.push([name, error])
    }
  }
  if (failures.length > 0) void report().then(({ reportFailures }) => reportFailures(failures))
  const config = resolved.get(undefined)
  if (config && config.preset !== 'h3') void report().then(({ reportPreset }) => reportPreset(env, config))
  // Later, because the app's plugins may add mounts. Workers cannot run code before the first request.
  if (HAS_ENVIRONMENT_AT_START && [...resolved.values()].some(({ storage }) => storage !== undefined))
    setTimeout(() => void report().then(({ reportStores }) => reportStores(env, resolved)), 0)
}

/** The first request uses the same options. Except on workers, which cannot derive keys before it, for lack of randomness. */
function resolveAtStart({ host, isDevelopment }: ServerEnvironment, call: SessionConfig | undefined, runtime: SessionRuntimeConfig | undefined): ResolvedConfig {
  return HAS_ENVIRONMENT_AT_START
    ? resolvedConfig(undefined, call)
    : resolveConfig(call, runtime, { passwordVariable: host.passwordVariable, isPlainDevelopment: isDevelopment })
}

/** Warns about misspelled environment variables. They have no effect, so a session could live longer than intended. */
export function checkVariables(env: ServerEnvironment): void {
  const { host: { isPrerendering, passwordVariable } } = env
  if (isPrerendering || !HAS_ENVIRONMENT_AT_START) return
  const prefix = passwordVariable.replace(/PASSWORD$/, '')
  const variables = Object.keys(process.env).filter(name => name.startsWith(prefix) && name !== passwordVariable)
  if (variables.length > 0) void report().then(({ reportVariables }) => reportVariables(env, prefix, variables))
}
