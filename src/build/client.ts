import { addImports, addPlugin, addRouteMiddleware, addTypeTemplate, addVitePlugin, useLogger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import type { PluginContext } from 'rollup'
import { runtimePath } from './runtime-path'
import { clientKeysOf } from '../runtime/core/config/client-data'
import { clientRouteOf } from '../runtime/core/config/client-route'
import type { SessionRuntimeConfig } from '../runtime/core/model/types'
import { clientConfigOf } from '../runtime/shared/client-config'
import type { ClientSessionConfig } from '../runtime/shared/client-config'

export function addClient(): void {
  addPlugin({ src: runtimePath('app/plugins/session.server'), mode: 'server' })
  addImports({ name: 'useClientSession', from: runtimePath('app/composables/use-client-session') })
  addRouteMiddleware({ name: 'session', path: runtimePath('app/middleware/session') })
  tellUsage()
}

const UNUSED = 'import.meta.isSessionUnused'
// Not by the whole path, which may be that of a link.
const COMPOSABLE = /\/runtime\/app\/composables\/use-client-session\.\w+$/

/**
 * Tells the plugin on the server whether anything uses `useClientSession`, so that pages of other apps do not load the
 * session. It counts as used in development and with another builder than Vite.
 */
function tellUsage(): void {
  addVitePlugin(() => ({
    name: 'nuxt-h3-session:usage',
    apply: 'build',
    renderChunk(this: Pick<PluginContext, 'getModuleIds'>, code: string) {
      if (!code.includes(UNUSED)) return null
      const isUsed = Array.from(this.getModuleIds()).some(id => COMPOSABLE.test(id))
      return { code: code.replaceAll(UNUSED, String(!isUsed)), map: null }
    },
  }), { client: false })
}

export function configureClient(nuxt: Nuxt, session: SessionRuntimeConfig, loginPage = '/login'): void {
  const client: ClientSessionConfig = { route: clientRouteOf(session), loginPage, hasServer: true }
  nuxt.options.runtimeConfig.public.clientSession = client as never
  handleStaticBuild(nuxt, client)
  // Only pages have route middleware.
  if (hasPages(nuxt)) addPlugin({ src: runtimePath('app/plugins/visitor.client'), mode: 'client' })
  addTypeTemplate({
    filename: 'types/nuxt-h3-session-client.d.ts',
    getContents: () => typesOf(clientKeysOf(session)),
  }, { nuxt: true, nitro: true, node: true })
}

/** As Nuxt's own modules ask. */
function hasPages({ options: { pages } }: Nuxt): boolean {
  return pages !== false && (pages as { enabled?: boolean } | undefined)?.enabled !== false
}

/** Handles builds without a server: `nuxt generate` and the presets of static hosts. */
function handleStaticBuild(nuxt: Nuxt, { route }: ClientSessionConfig): void {
  nuxt.hook('nitro:init', ({ options, hooks }) => {
    if (!options.static || options.dev || nuxt.options._prepare) return
    useLogger('nuxt-h3-session').warn(`This build has no server, but the route middleware "session" and useClientSession() need one. Anyone can open a guarded page by its address, links to it lead to an error page, and useClientSession() stays empty. Build with \`nuxt build\`${route === false ? '' : `, or serve ${route} by another server`}.`)
    // All pages are prerendered, and the browser gets the configuration from them.
    hooks.hook('prerender:config', ({ runtimeConfig }) => {
      const client = clientConfigOf(runtimeConfig ?? {})
      if (client) client.hasServer = false
    })
  })
}

function typesOf(keys: readonly string[]): string {
  const fields = keys.map(key => `    ${JSON.stringify(key)}: true\n`).join('')
  return `import type { SessionRequirement } from ${JSON.stringify(runtimePath('shared/page-session'))}

declare module '#session' {
  interface ClientKeys {
${fields}  }
}

declare module 'nuxt/app' {
  interface PageMeta {
    /** The requirement of the route middleware \`session\`. By default, a user must be logged in. */
    session?: SessionRequirement
  }
}

export {}
`
}
