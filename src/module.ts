import { addServerPlugin, addTypeTemplate, defineNuxtModule, hasNuxtModule, useLogger } from '@nuxt/kit'
import type { Nuxt, NuxtModule } from '@nuxt/schema'
import { cachedHandlersPlugin, NITRO_3_HANDLERS } from './build/cached-handlers'
import { addClient, configureClient } from './build/client'
import { refuseDataFiles } from './build/data-files'
import { addDevtools } from './devtools'
import type { DevtoolsOptions } from './devtools'
import { runtimePath } from './build/runtime-path'
import sessionNitroModule from './nitro'
import { refuseServerCodeInApp } from './build/server-only'
import { hasNitro3 } from './build/nuxt-version'
import type { SessionRuntimeConfig } from './runtime/core/model/types'
import { assertRuntimeKeys } from './runtime/core/config/option-keys'
import { sharingWarning } from './runtime/server/sharing'
import { declareBesideAuthUtils, declareRuntimeConfig } from './build/runtime-config'

/**
 * Options under `session` in `nuxt.config`: a typed shortcut for `runtimeConfig.session`, and options of the app. With
 * nuxt-auth-utils installed, a `name` gives this module a separate session, to which the other options then apply.
 */
export interface ModuleOptions extends SessionRuntimeConfig {
  /** `false` disables the DevTools tab. */
  devtools?: false | DevtoolsOptions
  /**
   * The page to which the route middleware `session` redirects visitors who are not logged in. With Nuxt I18n, in the locale
   * of the requested page, unless this path begins with a locale.
   * @default '/login'
   */
  loginPage?: string
}

// Without `server`, Nuxt 5 assumes that a module supports Nitro 2 only.
const COMPATIBILITY = { nuxt: '>=3.17.0', server: 'nitro3' }

const sessionModule: NuxtModule<ModuleOptions> = defineNuxtModule<ModuleOptions>({
  meta: { name: 'nuxt-h3-session', configKey: 'session', compatibility: COMPATIBILITY },
  setup({ devtools, loginPage, ...options }, nuxt) {
    addNitroModule(nuxt)
    addTypes(nuxt)
    addClient()
    refuseServerCodeInApp()
    refuseDataFiles()
    if (devtools !== false) addDevtools(nuxt, devtools ?? {})
    nuxt.hook('modules:done', () => {
      configureClient(nuxt, fillRuntimeConfig(options, nuxt), loginPage)
    })
  },
})

export default sessionModule

function addNitroModule(nuxt: Nuxt): void {
  nuxt.hook('nitro:config', (config) => {
    config.modules = [...config.modules ?? [], sessionNitroModule]
    // Nuxt before 4.5 keeps the payloads of cached pages there by their path alone, with one visitor's data in them.
    config.storage = { 'cache:nuxt:payload': { driver: 'null' }, ...config.storage }
  })
  if (!hasNitro3(nuxt)) return
  // Declared, because Nuxt 5 takes a plugin that only the module of Nitro has added for one of Nitro 2, and changes the whole server for it.
  addServerPlugin({ nitro3: runtimePath('nitro-v3') })
  // Nuxt 5 builds the server with Vite, where a Rollup plugin of Nitro would run too late.
  const plugin = { ...cachedHandlersPlugin(NITRO_3_HANDLERS), enforce: 'pre', applyToEnvironment: (environment: { name: string }) => environment.name === 'nitro' }
  nuxt.options.vite.plugins = [...nuxt.options.vite.plugins ?? [], plugin as never]
}

function addTypes(nuxt: Nuxt): void {
  nuxt.options.alias['#session'] = runtimePath('session')
  const files = hasNitro3(nuxt) ? ['session', 'adapters/nitro-v3/hooks'] : ['session']
  addTypeTemplate({
    filename: 'types/nuxt-h3-session.d.ts',
    getContents: () => `${files.map(file => `import ${JSON.stringify(runtimePath(file))}\n`).join('')}export {}\n`,
  }, { nuxt: true, nitro: true, node: true })
}

/** Runs after all modules, so that the order in `modules` does not matter. */
function fillRuntimeConfig(options: SessionRuntimeConfig, nuxt: Nuxt): SessionRuntimeConfig {
  const own = nuxt.options._layers.map(layer => layer.config?.runtimeConfig?.session as unknown as SessionRuntimeConfig | undefined)
  for (const layer of [...own, options]) assertRuntimeKeys(layer)
  const fromModules = nuxt.options.runtimeConfig.session as unknown as SessionRuntimeConfig | undefined
  const session = hasNuxtModule('nuxt-auth-utils', nuxt) || hasNuxtModule('auth-utils', nuxt)
    ? declareBesideAuthUtils(own, options, fromModules, nuxt.options.dev)
    : declareRuntimeConfig([...own, options, fromModules])
  nuxt.options.runtimeConfig.session = session as never
  const warning = sharingWarning(session)
  if (warning && !nuxt.options._prepare) useLogger('nuxt-h3-session').warn(warning)
  return session
}
