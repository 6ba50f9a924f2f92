import { describePreset } from '../core/config/preset-description'
import type { ResolvedConfig } from '../core/config/types'
import { intendedVariable } from '../core/config/variables'
import { configInvalid, SessionError } from '../core/model/errors'
import type { ServerEnvironment } from './environment'

/** Logs why sessions cannot be opened, by their names. The default session has none. */
export function reportFailures(failures: readonly [name: string | undefined, error: unknown][]): void {
  logProblems(failures.map(([name, error]) => problemOf(name, error)))
}

/** Logs what the preset `strict` set. */
export function reportPreset({ host, configs }: ServerEnvironment, config: ResolvedConfig): void {
  console.info(`[nuxt-h3-session] ${describePreset(config, configs.originsOf(host.sessionConfig()).isGuarded)}`)
}

/** Warns about variables that are similar to one of an option. */
export function reportVariables({ host, warnOnce }: ServerEnvironment, prefix: string, variables: readonly string[]): void {
  const names = Object.keys(host.sessionConfig()?.named ?? {})
  for (const variable of variables) {
    const intended = intendedVariable(variable, prefix, names)
    if (intended) warnOnce(`The environment variable ${variable} sets no option. Did you mean ${intended}?`)
  }
}

/** Opens the configured stores, and logs once which of them lose updates between processes, or have one connection. An eventually consistent one has its own warning. */
export async function reportStores(env: ServerEnvironment, configs: Map<string | undefined, ResolvedConfig>): Promise<void> {
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
  logProblems(problems)
  if (env.isDevelopment) return
  for (const storage of limited)
    console.info(`[nuxt-h3-session] The store "${storage}" loses no update within one server process. If several instances share it, the later of two concurrent writes wins. The redis and db0 drivers do not have this limit.`)
}

/** What is wrong with the options or the store of a session. */
function problemOf(name: string | undefined, error: unknown): SessionError {
  // For example a driver that cannot be created. The check must not stop the server.
  return error instanceof SessionError ? error : configInvalid(`the session${name ? ` "${name}"` : ''} cannot be opened: ${(error as Error).name}.`)
}

/** Logs each message once. Sessions often share a problem, such as a missing password. */
function logProblems(problems: SessionError[]): void {
  for (const message of new Set(problems.map(({ message }) => message))) console.error(message)
}
