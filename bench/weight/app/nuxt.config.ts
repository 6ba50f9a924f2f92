import { fileURLToPath } from 'node:url'

// A new app with one route and one page, and the same with the module or a peer. WEIGHT_APP chooses.
const app = process.env.WEIGHT_APP ?? 'bare'
const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

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
  // In an app, the module is a package, and Nitro does not transpile packages.
  nitro: { minify: false, esbuild: { options: { target: 'esnext' } }, output: { dir: pathOf(`../../.output/weight/${app}`) } },
  telemetry: false,
})
