import { addTypeTemplate, defineNuxtModule, hasNuxtModule, useLogger } from '@nuxt/kit'
import type { Nuxt, NuxtModule } from '@nuxt/schema'
import { cachedHandlersPlugin } from './cached-handlers'
import { addClient, configureClient } from './client'
import { addDevtools } from './devtools'
import type { DevtoolsOptions } from './devtools'
import sessionNitroModule, { NITRO_3_HANDLERS, runtimePath } from './nitro'
import { hasNitro3 } from './nuxt-version'
import type { SessionRuntimeConfig } from './runtime/core/types'
import { sharingWarning } from './runtime/server/sharing'
import { declareRuntimeConfig, separateByName } from './runtime-config'
import { reportSharedPages } from './shared-pages'

/**
 * Options under `session` in `nuxt.config`: a typed shortcut for `runtimeConfig.session`, and the app's own. Beside
 * nuxt-auth-utils, a `name` gives this module a session of its own, with the options that stand beside it.
 */
export interface ModuleOptions extends SessionRuntimeConfig {
  /** `false`: no tab. */
  devtools?: false | DevtoolsOptions
  /** Where the route middleware `session` sends who is not logged in. @default '/login' */
  loginPage?: string
}

// Nuxt 5 would take a server's code that knows Nitro 2 too for code of Nitro 2 alone.
const COMPATIBILITY = { nuxt: '>=3.17.0', server: 'nitro3' }

const sessionModule: NuxtModule<ModuleOptions> = defineNuxtModule<ModuleOptions>({
  meta: { name: 'nuxt-h3-session', configKey: 'session', compatibility: COMPATIBILITY },
  setup({ devtools, loginPage, ...options }, nuxt) {
    addNitroModule(nuxt)
    addTypes(nuxt)
    addClient()
    reportSharedPages(nuxt)
    if (devtools !== false) addDevtools(nuxt, devtools ?? {})
    nuxt.hook('modules:done', () => {
      const session = fillRuntimeConfig(options, nuxt)
      configureClient(nuxt, session, loginPage)
    })
  },
})

export default sessionModule

function addNitroModule(nuxt: Nuxt): void {
  nuxt.hook('nitro:config', (config) => {
    config.modules = [...config.modules ?? [], sessionNitroModule]
  })
  if (!hasNitro3(nuxt)) return
  // Nuxt 5 builds the server by Vite, which asks the plugins of Nitro too late.
  const plugin = { ...cachedHandlersPlugin(...NITRO_3_HANDLERS), enforce: 'pre', applyToEnvironment: (environment: { name: string }) => environment.name === 'nitro' }
  nuxt.options.vite.plugins = [...nuxt.options.vite.plugins ?? [], plugin as never]
}

/** `#session` for the editor and the type check, with the hooks' types. */
function addTypes(nuxt: Nuxt): void {
  nuxt.options.alias['#session'] = runtimePath('session')
  const files = hasNitro3(nuxt) ? ['session', 'nitro3/hooks'] : ['session']
  addTypeTemplate({
    filename: 'types/nuxt-h3-session.d.ts',
    getContents: () => `${files.map(file => `import ${JSON.stringify(runtimePath(file))}\n`).join('')}export {}\n`,
  }, { nuxt: true, nitro: true, node: true })
}

/** After all modules, so that the order in `modules` does not matter. */
function fillRuntimeConfig(options: SessionRuntimeConfig, nuxt: Nuxt): SessionRuntimeConfig {
  const own = nuxt.options._layers.map(layer => layer.config?.runtimeConfig?.session as unknown as SessionRuntimeConfig | undefined)
  const fromModules = nuxt.options.runtimeConfig.session as unknown as SessionRuntimeConfig | undefined
  const isShared = hasNuxtModule('nuxt-auth-utils', nuxt) || hasNuxtModule('auth-utils', nuxt)
  const sharing = isShared ? { module: 'nuxt-auth-utils', isDevelopment: nuxt.options.dev } : undefined
  const session = declareRuntimeConfig(sharing ? separateByName(own, options, fromModules) : [...own, options, fromModules], sharing)
  nuxt.options.runtimeConfig.session = session as never
  const warning = sharingWarning(session)
  if (warning && !nuxt.options._prepare) useLogger('nuxt-h3-session').warn(warning)
  return session
}
