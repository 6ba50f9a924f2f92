import { fileURLToPath } from 'node:url'

// An app under development, with the tab "Sessions" or without. DEVTOOLS_APP chooses.
const name = process.env.DEVTOOLS_APP ?? 'with-tab'
const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineNuxtConfig({
  modules: [pathOf('../../../src/module')],
  devtools: { enabled: true },
  buildDir: pathOf(`../../.output/devtools/${name}`),
  compatibilityDate: '2026-11-01',
  telemetry: false,
  session: { devtools: name === 'with-tab' && {} },
})
