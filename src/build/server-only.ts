import { addImports, addVitePlugin } from '@nuxt/kit'
import { runtimePath } from './runtime-path'

const FIX = 'Use useClientSession() in pages, components and plugins, or ask a server route. Types: import type { … } from "#session".'

/** Refuses server code in the app: it would become part of the browser's files. */
export function refuseServerCodeInApp(): void {
  // Vite asks for every import of the app.
  const session = runtimePath('session')
  addVitePlugin(() => ({
    name: 'nuxt-h3-session:server-only',
    enforce: 'pre',
    resolveId(id: string, importer: string | undefined) {
      if (id === '#session' || id === session)
        throw new Error(`[nuxt-h3-session] ${importer?.split('?', 1)[0] ?? 'The app'} imports "#session", which works in server routes only. ${FIX}`)
    },
  }), { server: false })
  // Without this, Nuxt only reports that it is not defined. A function of that name in the app has priority.
  addImports({ name: 'useSession', from: runtimePath('app/server-only'), typeFrom: runtimePath('server/utils/session'), priority: -10 })
}
