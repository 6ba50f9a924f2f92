import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineNitroConfig } from 'nitropack/config'
import sessionNitroModule from '../../../src/nitro'

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** nuxt-auth-utils needs Nuxt. Here, its server file gets the runtime config that its module would set. */
const AUTH_UTILS = readFileSync(pathOf('../../../node_modules/nuxt-auth-utils/dist/runtime/server/utils/session.js'), 'utf8')

export default defineNitroConfig({
  compatibilityDate: '2026-11-01',
  preset: 'node-server',
  buildDir: pathOf('../../.output/nitro-build'),
  output: { dir: pathOf('../../.output/nitro') },
  modules: [sessionNitroModule],
  plugins: [pathOf('plugins/routes.ts')],
  runtimeConfig: {
    session: { named: { bound: { storage: 'sessions', deviceBound: { lifetime: 3600 } } } },
    authUtils: { name: 'nuxt-session', password: '', cookie: { sameSite: 'lax' } },
  },
  storage: { sessions: { driver: 'memory' } },
  virtual: {
    '#bench/auth-utils': AUTH_UTILS.replace('"#imports"', '"#bench/auth-utils-config"'),
    '#bench/auth-utils-config': `
      import { useRuntimeConfig as useAll } from 'nitropack/runtime'
      export function useRuntimeConfig(event) {
        const config = useAll(event)
        return { ...config, session: config.authUtils }
      }
    `,
  },
})
