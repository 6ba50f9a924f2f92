import { fileURLToPath } from 'node:url'
import { withoutComments } from '../../../scripts/without-comments'

// A new app with one route and one page, and the same with the module or a peer. WEIGHT_APP chooses.
const app = process.env.WEIGHT_APP ?? 'bare'
const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const RUNTIME = pathOf('../../../src/runtime/')

const MODULES: Record<string, string[]> = {
  ours: [pathOf('../../../src/module')],
  peer: ['nuxt-auth-utils'],
}
const library = app.split('-')[0]!

export default defineNuxtConfig({
  modules: MODULES[library] ?? [],
  devtools: { enabled: false },
  srcDir: `apps/${app}`,
  serverDir: `servers/${library}`,
  buildDir: pathOf(`../../.output/weight/build/${app}`),
  compatibilityDate: '2026-11-01',
  nitro: {
    minify: false,
    // In an app, the module is a package: Nitro does not transpile it, and its build has removed the comments.
    esbuild: { options: { target: 'esnext' } },
    rollupConfig: { output: {}, plugins: [{ name: 'package', transform: (code, id) => id.startsWith(RUNTIME) ? { code: withoutComments(code), map: null } : null }] },
    output: { dir: pathOf(`../../.output/weight/${app}`) },
  },
  telemetry: false,
})
