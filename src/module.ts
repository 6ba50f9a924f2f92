import { join } from 'node:path'
import { addTypeTemplate, defineNuxtModule, hasNuxtModule, useLogger } from '@nuxt/kit'
import type { Nuxt, NuxtModule } from '@nuxt/schema'
import { addClient, configureClient } from './client'
import { addDevtools } from './devtools'
import type { DevtoolsOptions } from './devtools'
import { provideDevPassword } from './dev-password'
import { runtimePath, sessionNitroModule } from './nitro'
import { declareRuntimeConfig } from './runtime-config'
import { isSet } from './runtime/core/config-values'
import type { SessionRuntimeConfig } from './runtime/core/types'
import { reportSharedPages } from './shared-pages'

/** Options under `session` in `nuxt.config`: a typed shortcut for `runtimeConfig.session`, and the app's own. */
export interface ModuleOptions extends SessionRuntimeConfig {
  /** `false`: no tab. */
  devtools?: false | DevtoolsOptions
  /** Where the route middleware `session` sends who is not logged in. @default '/login' */
  loginPage?: string
}

const sessionModule: NuxtModule<ModuleOptions> = defineNuxtModule<ModuleOptions>({
  meta: { name: 'nuxt-h3-session', configKey: 'session', compatibility: { nuxt: '>=3.17.0' } },
  setup({ devtools, loginPage, ...options }, nuxt) {
    addNitroModule(nuxt)
    addTypes(nuxt)
    addClient()
    reportSharedPages(nuxt)
    if (devtools !== false) addDevtools(nuxt, devtools ?? {})
    nuxt.hook('modules:done', async () => {
      fillRuntimeConfig(options, nuxt)
      configureClient(nuxt, sessionConfig(nuxt) ?? {}, loginPage)
      warnOfBuiltInPassword(nuxt)
      if (nuxt.options.dev) await ensureDevPassword(nuxt)
    })
  },
})

export default sessionModule

function addNitroModule(nuxt: Nuxt): void {
  nuxt.hook('nitro:config', (config) => {
    config.modules = [...config.modules ?? [], sessionNitroModule]
  })
}

/** `#session` for the editor and the type check, with the hooks' types. */
function addTypes(nuxt: Nuxt): void {
  nuxt.options.alias['#session'] = runtimePath('session')
  addTypeTemplate({
    filename: 'types/nuxt-h3-session.d.ts',
    getContents: () => `import ${JSON.stringify(runtimePath('session'))}\nexport {}\n`,
  }, { nuxt: true, nitro: true, node: true })
}

/** After all modules, so that the order in `modules` does not matter. */
function fillRuntimeConfig(options: SessionRuntimeConfig, nuxt: Nuxt): void {
  const own = nuxt.options._layers.map(layer => layer.config?.runtimeConfig?.session as unknown as SessionRuntimeConfig | undefined)
  const fromModules = sessionConfig(nuxt)
  const isShared = hasNuxtModule('nuxt-auth-utils', nuxt) || hasNuxtModule('auth-utils', nuxt)
  const sharing = isShared ? { module: 'nuxt-auth-utils', isDevelopment: nuxt.options.dev } : undefined
  nuxt.options.runtimeConfig.session = declareRuntimeConfig([...own, options, fromModules], sharing) as never
}

/** Whoever has the built server would have the password. */
function warnOfBuiltInPassword(nuxt: Nuxt): void {
  if (nuxt.options.dev || nuxt.options._prepare) return
  const { password, named } = sessionConfig(nuxt) ?? {}
  const isBuiltIn = [password, ...Object.values(named ?? {}).map(config => config.password)].some(value => isSet(value))
  if (isBuiltIn)
    logger().warn(`A session password stands in the configuration and becomes part of the built server. Set it by the environment when the server starts instead, such as ${passwordVariable(nuxt)}.`)
}

async function ensureDevPassword(nuxt: Nuxt): Promise<void> {
  const variable = passwordVariable(nuxt)
  if (process.env[variable] || isSet(sessionConfig(nuxt)?.password)) return
  const password = await provideDevPassword({
    variable,
    file: join(nuxt.options.rootDir, '.env'),
    isCI: Boolean(process.env.CI),
    log: message => logger().info(message),
  })
  process.env[variable] = password
  // Nitro reads .env once more: an empty line there would empty the variable again.
  nuxt.hook('nitro:init', () => {
    process.env[variable] ||= password
  })
}

function sessionConfig(nuxt: Nuxt): SessionRuntimeConfig | undefined {
  return nuxt.options.runtimeConfig.session as unknown as SessionRuntimeConfig | undefined
}

function passwordVariable(nuxt: Nuxt): string {
  const nitro = nuxt.options.runtimeConfig.nitro as { envPrefix?: string } | undefined
  return `${nitro?.envPrefix ?? 'NUXT_'}SESSION_PASSWORD`
}

function logger() {
  return useLogger('nuxt-h3-session')
}
