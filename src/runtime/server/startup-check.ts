import { intendedVariable } from '../core/config/option-keys'
import { resolveConfig } from '../core/config/resolve'
import type { ResolvedConfig } from '../core/config/types'
import { describePreset } from '../core/config/preset'
import { configInvalid, SessionError } from '../core/model/errors'
import type { ServerEnvironment } from './environment'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'
import { assertSharable, sharingWarning } from './sharing'

/**
 * Logs at start-up what would fail at the first request. Only a weak password, or a configuration that conflicts with
 * nuxt-auth-utils, stops the server.
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
  const configs = new Map<string | undefined, ResolvedConfig>()
  const problems: SessionError[] = []
  for (const name of [undefined, ...Object.keys(runtime?.named ?? {})]) {
    try {
      configs.set(name, resolveConfig({ name }, runtime, { passwordVariable: host.passwordVariable, isPlainDevelopment: env.isDevelopment }))
    }
    catch (error) {
      problems.push(problemOf(name, error))
    }
  }
  const config = configs.get(undefined)
  const preset = config && describePreset(config, env.configs.originsOf(runtime).isGuarded)
  if (preset) console.info(`[nuxt-h3-session] ${preset}`)
  const weak = problems.find(({ code }) => code === 'SESSION_PASSWORD_WEAK')
  if (weak) throw weak
  report(problems.filter(({ code }) => code !== 'SESSION_PASSWORD_MISSING' || HAS_ENVIRONMENT_AT_START))
  // Later, because the app's plugins may add mounts. Workers cannot run code before the first request.
  if (HAS_ENVIRONMENT_AT_START) setTimeout(() => void checkStores(env, configs), 0)
}

/** Warns about misspelled environment variables. They have no effect, so a session could live longer than intended. */
export function checkVariables({ host, warnOnce }: ServerEnvironment): void {
  if (host.isPrerendering || !HAS_ENVIRONMENT_AT_START) return
  const prefix = host.passwordVariable.replace(/PASSWORD$/, '')
  const names = Object.keys(host.sessionConfig()?.named ?? {})
  for (const variable of Object.keys(process.env)) {
    const intended = intendedVariable(variable, prefix, names)
    if (intended) warnOnce(`The environment variable ${variable} sets no option. Did you mean ${intended}?`)
  }
}

/** Opens the configured stores, and logs once which of them lose updates between processes, or have one connection. An eventually consistent one has its own warning. */
async function checkStores(env: ServerEnvironment, configs: Map<string | undefined, ResolvedConfig>): Promise<void> {
  const limited = new Set<string>()
  const problems: SessionError[] = []
  for (const [name, config] of configs) {
    if (config.storage === undefined) continue
    try {
      const { atomicity, consistency, hasOneConnection } = (await env.persistenceOf(config)).store
      if (atomicity === 'process' && consistency === 'strong') limited.add(config.storage)
      if (hasOneConnection)
        env.warnOnce(`The store "${config.storage}" has one connection to its database. If it is lost, sessions are unavailable until this server restarts, and one locked row stops all of them. Use a pool: createDatabase(postgresqlPool(pool)) or createDatabase(mysqlPool(pool)), which nuxt-h3-session/db0 exports.`)
    }
    catch (error) {
      problems.push(problemOf(name, error))
    }
  }
  report(problems)
  if (env.isDevelopment) return
  for (const storage of limited)
    console.info(`[nuxt-h3-session] The store "${storage}" loses no update within one server process. If several instances share it, the later of two concurrent writes wins. The redis and db0 drivers do not have this limit.`)
}

/** The default session has no name. */
function problemOf(name: string | undefined, error: unknown): SessionError {
  // For example a driver that cannot be created. The check must not stop the server.
  return error instanceof SessionError ? error : configInvalid(`the session${name ? ` "${name}"` : ''} cannot be opened: ${(error as Error).name}.`)
}

function report(problems: SessionError[]): void {
  for (const message of new Set(problems.map(({ message }) => message))) console.error(message)
}
