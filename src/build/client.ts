import { addImports, addPlugin, addRouteMiddleware, addTypeTemplate, useLogger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { runtimePath } from './runtime-path'
import { clientKeysOf, clientRouteOf } from '../runtime/core/config/client-data'
import type { SessionRuntimeConfig } from '../runtime/core/model/types'
import { clientConfigOf } from '../runtime/shared/client-config'
import type { ClientSessionConfig } from '../runtime/shared/client-config'

const DEFAULT_LOGIN_PAGE = '/login'

/** Brings the session to the app's side: `useClientSession`, and the route middleware `session`. */
export function addClient(): void {
  addPlugin({ src: runtimePath('app/plugins/session.server'), mode: 'server' })
  addPlugin({ src: runtimePath('app/plugins/session.client'), mode: 'client' })
  addImports({ name: 'useClientSession', from: runtimePath('app/composables/use-client-session') })
  addRouteMiddleware({ name: 'session', path: runtimePath('app/middleware/session') })
}

/** Tells the browser where to ask, and the type check which keys it gets. */
export function configureClient(nuxt: Nuxt, session: SessionRuntimeConfig, loginPage: string | undefined): void {
  const client: ClientSessionConfig = { route: clientRouteOf(session), loginPage: loginPage ?? DEFAULT_LOGIN_PAGE, hasServer: true }
  nuxt.options.runtimeConfig.public.clientSession = client as never
  tellOfStaticBuild(nuxt, client)
  addTypeTemplate({
    filename: 'types/nuxt-h3-session-client.d.ts',
    getContents: () => typesOf(clientKeysOf(session)),
  }, { nuxt: true, nitro: true, node: true })
}

/** `nuxt generate` and the presets of static hosts build no server. */
function tellOfStaticBuild(nuxt: Nuxt, { route }: ClientSessionConfig): void {
  nuxt.hook('nitro:init', ({ options, hooks }) => {
    if (!options.static || options.dev || nuxt.options._prepare) return
    useLogger('nuxt-h3-session').warn(`This build has no server, and the route middleware "session" and useClientSession() need one: whoever opens the address of a guarded page sees it, links to it lead to an error page, and useClientSession() stays empty. Build with \`nuxt build\`${route === false ? '' : `, or let another server answer ${route}`}.`)
    // The browser gets the configuration with the pages, which are all prerendered.
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
    /** What the route middleware \`session\` asks for; a user who is logged in where nothing is said. */
    session?: SessionRequirement
  }
}

export {}
`
}
