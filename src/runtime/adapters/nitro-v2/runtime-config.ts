import type { H3Event } from 'h3'
import { snakeCase } from 'scule'
import { cloneData, isPlainObject } from '../../core/model/data'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { HAS_ENVIRONMENT_AT_START } from '../shared/runtime'

interface RuntimeConfig { session?: unknown, nitro?: { envPrefix?: string, envExpansion?: boolean } }
/** The part of a request's context in which Nitro keeps its copy of the runtime config. */
interface RequestContext { runtimeConfig?: RuntimeConfig }
type UseRuntimeConfig = (event?: { context: { nitro: RequestContext } }) => RuntimeConfig

/**
 * For each request that uses the runtime config, such as of every page, Nitro reads each declared key from the
 * environment again. This module declares about 50, which would cost a third of a small page. This keeps the result until
 * a variable changes, and returns a function that gives a request its own copy, as Nitro does. `undefined` if values
 * depend on other variables, and for workers, which get their environment with the request.
 */
export function keepRuntimeConfig(useRuntimeConfig: UseRuntimeConfig, env = process.env): ((event: Pick<H3Event, 'context'>) => void) | undefined {
  const { nitro } = useRuntimeConfig()
  // Then values depend on any variables that they mention.
  const isExpanded = nitro?.envExpansion || env.NITRO_ENV_EXPANSION
  if (!HAS_ENVIRONMENT_AT_START || isExpanded) return undefined
  const prefixes = ['NITRO_', nitro?.envPrefix ?? env.NITRO_ENV_PREFIX ?? '_']
  let kept: { config: RuntimeConfig, variables: string[], values: (string | undefined)[] } | undefined

  function latest(): RuntimeConfig {
    if (kept?.variables.every((variable, index) => env[variable] === kept!.values[index])) return kept.config
    const config = useRuntimeConfig({ context: { nitro: {} } })
    // Sessions use the process's options, which do not change.
    const { session: _session, ...others } = config
    const variables = prefixes.flatMap(prefix => pathsOf(others).map(path => prefix + snakeCase(path).toUpperCase()))
    kept = { config, variables, values: variables.map(variable => env[variable]) }
    return config
  }

  // Created at its first use. Most requests do not use it.
  const prototype: RequestContext = {
    get runtimeConfig() { return this.runtimeConfig = copyOf(latest()) },
    set runtimeConfig(value) { setOwn(this, 'runtimeConfig', value) },
  }
  return ({ context }) => {
    context.nitro = Object.assign(Object.create(prototype) as object, context.nitro)
  }
}

/** The `session` of a request's own runtime config; `undefined` if the request does not have one. The app can change it. */
export function ownSessionConfig(context: RequestContext | undefined): SessionRuntimeConfig | undefined {
  const config = context && Object.hasOwn(context, 'runtimeConfig') ? context.runtimeConfig : undefined
  return config && Object.getOwnPropertyDescriptor(config, 'session')?.value as SessionRuntimeConfig | undefined
}

/** The copy of `session` is created at its first use. Without one, the sessions of the request use the process's. */
function copyOf({ session, ...others }: RuntimeConfig): RuntimeConfig {
  return Object.defineProperty(cloneData(others), 'session', {
    get(this: RuntimeConfig) { return this.session = cloneData(session) },
    set(this: RuntimeConfig, value) { setOwn(this, 'session', value) },
    enumerable: true,
    configurable: true,
  })
}

function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Keys of a tree and of the trees in it, joined by `_` as Nitro does. */
function pathsOf(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => [prefix + key, ...isPlainObject(value) ? pathsOf(value, `${prefix}${key}_`) : []])
}
