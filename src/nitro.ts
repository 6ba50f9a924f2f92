import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Nitro, NitroModule } from 'nitropack/types'
import { cachedHandlersPlugin, NITRO_2_HANDLERS, NITRO_3_HANDLERS } from './build/cached-handlers'
import { ensureDevPassword } from './build/dev-password'
import { DEFAULT_MOUNT, isSet } from './runtime/core/config/parse'
import { assertRuntimeKeys } from './runtime/core/config/option-keys'
import type { SessionConfig, SessionRuntimeConfig } from './runtime/core/model/types'
import { declareRuntimeConfig } from './build/runtime-config'
import { ironChunkPlugin } from './build/iron-chunk'
import { runtimePath } from './build/runtime-path'
import type { DevtoolsOptions } from './devtools'

const FUNCTIONS = {
  'session': [
    'useSession', 'getSession', 'updateSession', 'clearSession', 'sealSession', 'unsealSession', 'regenerateSession',
  ],
  'require-session': ['requireSession'],
  'require-same-origin': ['requireSameOrigin'],
  'administration': ['listSessions', 'countSessions', 'revokeSession', 'revokeUserSessions', 'revokeAllSessions'],
}

/** Options under `session` in `nitro.config`. Those of sessions are in `runtimeConfig.session`. */
export interface SessionNitroOptions {
  /** Shows the sessions at `/_sessions` of the development server, to this machine only. */
  devtools?: boolean | DevtoolsOptions
}

declare module 'nitropack' {
  interface NitroOptions { session?: SessionNitroOptions }
}

declare module 'nitropack/types' {
  interface NitroOptions { session?: SessionNitroOptions }
}

/** The module for Nitro 2 and 3: `modules: ['nuxt-h3-session/nitro']`, with options in `runtimeConfig.session`. */
const sessionNitroModule: NitroModule = {
  name: 'nuxt-h3-session',
  async setup(nitro) {
    declareOptions(nitro)
    nitro.options.alias['#session'] = runtimePath('session')
    const isNitro3 = hasNitro3(nitro)
    addRuntime(nitro, isNitro3)
    await addDevtools(nitro, isNitro3)
    replaceAutoImports(nitro)
    mountDefaultStore(nitro)
    if (nitro.options.dev) await provideDevPassword(nitro)
    else warnAboutBuiltInPassword(nitro)
  },
}

export default sessionNitroModule

function hasNitro3(nitro: Nitro): boolean {
  const { majorVersion = 2 } = (nitro as { meta?: { majorVersion?: number } }).meta ?? {}
  return majorVersion >= 3
}

function addRuntime(nitro: Nitro, isNitro3: boolean): void {
  const isShared = sessionConfig(nitro).sharedWith !== undefined
  nitro.options.plugins.unshift(runtimePath(isNitro3 ? 'nitro-v3' : 'nitro-v2'), ...isShared ? [runtimePath('nitro-shared-session')] : [])
  nitro.hooks.hook('rollup:before', (_nitro, config) => {
    const ours = isNitro3 ? [cachedHandlersPlugin(NITRO_3_HANDLERS)] : [cachedHandlersPlugin(NITRO_2_HANDLERS), ironChunkPlugin()]
    config.plugins = [...ours, ...[config.plugins].flat()]
  })
  if (isNitro3) return
  // Unset in Nitro without Nuxt, contrary to its type.
  const externals: Nitro['options']['externals'] | undefined = nitro.options.externals
  nitro.options.externals = { ...externals, inline: [...externals?.inline ?? [], runtimePath('')] }
}

async function addDevtools(nitro: Nitro, isNitro3: boolean): Promise<void> {
  const { dev, rootDir, baseURL, session: { devtools } = {}, devHandlers, plugins } = nitro.options
  if (!dev || !devtools) return
  const { createPage } = await import('./devtools/page')
  const print = (message: string) => nitro.logger.withTag('nuxt-h3-session').info(message)
  const { handle, close } = createPage({ rootDir, baseURL, print, ...devtools !== true && devtools })
  nitro.hooks.hook('close', close)
  // What h3 expects of a handler that has responded itself.
  const handled = isNitro3 ? Symbol.for('h3.handled') : undefined
  const handler = async ({ node: { req, res } }: { node: { req: IncomingMessage, res: ServerResponse } }) => await handle(req, res) ? handled : undefined
  // h3 1 warns of a handler without the mark.
  devHandlers.unshift({ handler: Object.assign(handler, { __is_handler__: true }) as never })
  plugins.push(runtimePath(isNitro3 ? 'nitro-v3-devtools' : 'nitro-v2-devtools'))
}

/** Declares every key, so that environment variables can set it. In Nuxt, the Nuxt module has done this already. */
function declareOptions(nitro: Nitro): void {
  const session = sessionConfig(nitro)
  if (session.sharedWith !== undefined) return
  assertRuntimeKeys(session)
  nitro.options.runtimeConfig.session = declareRuntimeConfig([session]) as never
}

/** For `storage: true`, mounts a directory if the app has no mount of that name. */
function mountDefaultStore(nitro: Nitro): void {
  const { options } = nitro
  const isNeeded = sessionConfigs(nitro).some(({ storage }) => storage === true)
  if (!isNeeded || options.storage?.[DEFAULT_MOUNT] || options.devStorage?.[DEFAULT_MOUNT] || !options.node) return
  const base = options.dev ? join(options.rootDir, '.data/session') : './.data/session'
  options.storage = { ...options.storage, [DEFAULT_MOUNT]: { driver: 'fs-lite', base } }
}

/** Replaces h3's functions in Nitro's auto-imports. Functions in the app's `server/utils` have priority. */
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

function warnAboutBuiltInPassword(nitro: Nitro): void {
  nitro.hooks.hook('build:before', () => {
    if (sessionConfigs(nitro).some(({ password }) => isSet(password)))
      nitro.logger.withTag('nuxt-h3-session').warn(`A session password in the configuration becomes part of the built server. Set it when the server starts instead, by an environment variable such as ${passwordVariable(nitro)}.`)
  })
}

async function provideDevPassword(nitro: Nitro): Promise<void> {
  if (isSet(sessionConfig(nitro).password)) return
  await ensureDevPassword({
    variable: passwordVariable(nitro),
    file: join(nitro.options.rootDir, '.env'),
    isCI: Boolean(process.env.CI),
    log: message => nitro.logger.withTag('nuxt-h3-session').info(message),
  })
}

function sessionConfig({ options }: Nitro): SessionRuntimeConfig {
  return (options.runtimeConfig.session ?? {}) as unknown as SessionRuntimeConfig
}

function sessionConfigs(nitro: Nitro): SessionConfig[] {
  const session = sessionConfig(nitro)
  return [session, ...Object.values(session.named ?? {})]
}

function passwordVariable({ options }: Nitro): string {
  const { envPrefix } = (options.runtimeConfig.nitro ?? {}) as { envPrefix?: string }
  return `${envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}
