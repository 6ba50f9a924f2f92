import { addImports, addPlugin, addRouteMiddleware, addTypeTemplate } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { runtimePath } from './nitro'
import { clientKeysOf, clientRouteOf } from './runtime/core/client-data'
import type { SessionRuntimeConfig } from './runtime/core/types'

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
  nuxt.options.runtimeConfig.public.clientSession = {
    route: clientRouteOf(session),
    loginPage: loginPage ?? DEFAULT_LOGIN_PAGE,
  } as never
  addTypeTemplate({
    filename: 'types/nuxt-h3-session-client.d.ts',
    getContents: () => typesOf(clientKeysOf(session)),
  }, { nuxt: true, nitro: true, node: true })
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
