import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Nitro, NitroModule } from 'nitropack/types'
import { replaceCachedHandlers } from './cached-handlers'
import { ensureDevPassword } from './dev-password'
import { DEFAULT_MOUNT, isSet } from './runtime/core/config-values'
import type { SessionRuntimeConfig } from './runtime/core/types'
import { declareRuntimeConfig } from './runtime-config'

/** The files of `storage: true`. */
const DEFAULT_STORE = '.data/session'

const FUNCTIONS = {
  'session': [
    'useSession', 'getSession', 'updateSession', 'clearSession', 'sealSession', 'unsealSession', 'regenerateSession',
  ],
  'require-session': ['requireSession'],
  'administration': ['listSessions', 'countSessions', 'revokeSession', 'revokeUserSessions'],
}

/** Nitro 3's module of cached handlers, and ours in its place. */
export const NITRO_3_HANDLERS = ['nitro/cache', runtimePath('nitro3/cached-handlers')] as const

/** A file of the runtime, which lies beside this one in the package. */
export function runtimePath(path: string): string {
  return fileURLToPath(new URL(`./runtime/${path}`, import.meta.url))
}

/**
 * Brings the session functions into an app of Nitro 2 or 3: `modules: ['nuxt-h3-session/nitro']`, with the options in
 * `runtimeConfig.session`. The Nuxt module uses it too.
 */
const sessionNitroModule: NitroModule = {
  name: 'nuxt-h3-session',
  async setup(nitro) {
    declareOptions(nitro)
    nitro.options.alias['#session'] = runtimePath('session')
    addRuntime(nitro)
    replaceAutoImports(nitro)
    mountDefaultStore(nitro)
    warnOfBuiltInPassword(nitro)
    if (nitro.options.dev) await provideDevPassword(nitro)
  },
}

export default sessionNitroModule

/** What differs between the versions of Nitro, and of h3 below it, is in the plugin alone. */
function addRuntime(nitro: Nitro): void {
  const { majorVersion = 2 } = (nitro as { meta?: { majorVersion?: number } }).meta ?? {}
  nitro.options.plugins.unshift(runtimePath(majorVersion < 3 ? 'nitro2/plugin' : 'nitro3/plugin'))
  if (majorVersion >= 3) return replaceCachedHandlers(nitro, ...NITRO_3_HANDLERS)
  replaceCachedHandlers(nitro, 'nitropack/runtime/internal/cache', runtimePath('nitro2/cached-handlers'))
  // Nitro alone leaves it unset, whatever its types say.
  const externals: Nitro['options']['externals'] | undefined = nitro.options.externals
  nitro.options.externals = { ...externals, inline: [...externals?.inline ?? [], runtimePath('')] }
}

/** Every key, so that the environment can set it when the server starts. The Nuxt module has done it before. */
function declareOptions(nitro: Nitro): void {
  const session = sessionConfig(nitro)
  if (session.sharedWith === undefined) nitro.options.runtimeConfig.session = declareRuntimeConfig([session]) as never
}

/** `storage: true`: files, which need no server, unless the app has a mount of that name. */
function mountDefaultStore(nitro: Nitro): void {
  const { options } = nitro
  const { storage, named } = sessionConfig(nitro)
  const isAsked = [storage, ...Object.values(named ?? {}).map(session => session.storage)].includes(true)
  if (!isAsked || options.storage?.[DEFAULT_MOUNT] || options.devStorage?.[DEFAULT_MOUNT] || !options.node) return
  const base = options.dev ? join(options.rootDir, DEFAULT_STORE) : `./${DEFAULT_STORE}`
  options.storage = { ...options.storage, [DEFAULT_MOUNT]: { driver: 'fs-lite', base } }
}

/**
 * Takes h3's functions out of Nitro's preset and adds ours with a priority below the app's own `server/utils`.
 * Where auto-imports are off, they stay off.
 */
function replaceAutoImports({ options }: Nitro): void {
  if (!options.imports) return
  const names = new Set(Object.values(FUNCTIONS).flat())
  for (const preset of options.imports.presets ?? []) {
    if (typeof preset === 'object' && 'from' in preset && preset.from === 'h3' && 'imports' in preset)
      preset.imports = preset.imports.filter(entry => !(typeof entry === 'string' && names.has(entry)))
  }
  options.imports.imports = [
    ...options.imports.imports ?? [],
    ...Object.entries(FUNCTIONS).flatMap(([file, functions]) =>
      functions.map(name => ({ name, from: runtimePath(`server/utils/${file}`), priority: 0 }))),
  ]
}

/** Whoever has the built server would have the password. */
function warnOfBuiltInPassword(nitro: Nitro): void {
  if (nitro.options.dev) return
  nitro.hooks.hook('build:before', () => {
    const { password, named } = sessionConfig(nitro)
    const isBuiltIn = [password, ...Object.values(named ?? {}).map(config => config.password)].some(value => isSet(value))
    if (isBuiltIn)
      loggerOf(nitro).warn(`A session password stands in the configuration and becomes part of the built server. Set it by the environment when the server starts instead, such as ${passwordVariable(nitro)}.`)
  })
}

async function provideDevPassword(nitro: Nitro): Promise<void> {
  if (isSet(sessionConfig(nitro).password)) return
  await ensureDevPassword({
    variable: passwordVariable(nitro),
    file: join(nitro.options.rootDir, '.env'),
    isCI: Boolean(process.env.CI),
    log: message => loggerOf(nitro).info(message),
  })
}

function sessionConfig({ options }: Nitro): SessionRuntimeConfig {
  return (options.runtimeConfig.session ?? {}) as unknown as SessionRuntimeConfig
}

function passwordVariable({ options }: Nitro): string {
  const { envPrefix } = (options.runtimeConfig.nitro ?? {}) as { envPrefix?: string }
  return `${envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}

function loggerOf({ logger }: Nitro) {
  return logger.withTag('nuxt-h3-session')
}
