import { resolveConfig } from '../core/config/resolve'
import type { ResolvedConfig } from '../core/config/types'
import { SessionError } from '../core/model/errors'
import type { ServerEnvironment } from './environment'
import type { SessionHost } from '../adapters/shared/host'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'
import { assertSharable, sharingWarning } from './sharing'

/**
 * Logs at start-up what would fail at the first request. Only a weak password, or a configuration that conflicts with
 * nuxt-auth-utils, stops the server.
 *
 * @throws SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID
 */
export function checkAtStart(env: ServerEnvironment): void {
  const { host } = env
  if (host.isPrerendering) return
  const runtime = host.sessionConfig()
  assertSharable(runtime)
  // In development, the build logs this warning.
  const warning = env.isDevelopment ? undefined : sharingWarning(runtime)
  if (warning) env.warnOnce(warning)
  const problems = problemsOf(host, () => undefined)
  const weak = problems.find(({ code }) => code === 'SESSION_PASSWORD_WEAK')
  if (weak) throw weak
  report(problems.filter(problem => !isUnknownYet(problem)))
  // Later, because the app's plugins may add mounts. Workers cannot run code before the first request.
  if (HAS_ENVIRONMENT_AT_START) setTimeout(() => checkStores(env, problems), 0)
}

/** Opens the configured stores, and logs once which of them lose updates between processes. */
function checkStores(env: ServerEnvironment, known: SessionError[]): void {
  const limited = new Set<string>()
  report(problemsOf(env.host, (config) => {
    if (config.storage !== undefined && env.storeOf(config).atomicity === 'process') limited.add(config.storage)
  }), known)
  if (env.isDevelopment) return
  for (const storage of limited)
    console.info(`[nuxt-h3-session] The store "${storage}" loses no update within one server process. If several instances share it, the later of two concurrent writes wins. The redis and db0 drivers do not have this limit.`)
}

function report(problems: SessionError[], known: SessionError[] = []): void {
  const reported = new Set(known.map(({ message }) => message))
  for (const { message } of problems) {
    if (!reported.has(message)) console.error(message)
    reported.add(message)
  }
}

function problemsOf(host: SessionHost, check: (config: ResolvedConfig) => void): SessionError[] {
  const names = new Set([undefined, ...Object.keys(host.sessionConfig()?.named ?? {})])
  return [...names].map(name => problemOf(name, host, check)).filter(problem => problem !== undefined)
}

function problemOf(name: string | undefined, host: SessionHost, check: (config: ResolvedConfig) => void): SessionError | undefined {
  try {
    check(resolveConfig({ name }, host.sessionConfig(), { passwordVariable: host.passwordVariable }))
    return undefined
  }
  catch (error) {
    if (error instanceof SessionError) return error
    // For example a driver that cannot be created. The check must not stop the server.
    return new SessionError('SESSION_CONFIG_INVALID', `the session${name ? ` "${name}"` : ''} cannot be opened: ${(error as Error).name}.`)
  }
}

function isUnknownYet(error: SessionError): boolean {
  return error.code === 'SESSION_PASSWORD_MISSING' && !HAS_ENVIRONMENT_AT_START
}
