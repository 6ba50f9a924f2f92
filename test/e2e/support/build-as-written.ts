import { fileURLToPath } from 'node:url'
import { buildNuxt, loadNuxt } from '@nuxt/kit'
import { build, createNitro, prepare } from 'nitropack/core'

// Builds a fixture that is written like a user's app, without anything for the tests:
//   node build-as-written.ts <root> nuxt | nitro | server [with-us]
// `server` builds a Nuxt app's folder of that name alone, by Nitro, where Nuxt is not the point.

const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url))
const [rootDir = '.', kind, ours] = process.argv.slice(2)
const { FIXTURE_BUILD_DIR: buildDir = '', FIXTURE_OUTPUT_DIR: dir = '' } = process.env

const settings = {
  rootDir,
  buildDir,
  compatibilityDate: '2026-11-01',
  alias: {
    'nuxt-h3-session/nitro': `${SOURCES}/nitro.ts`,
    'nuxt-h3-session': `${SOURCES}/module.ts`,
  },
} as const
process.env.NODE_ENV = 'production'
await (kind === 'nuxt' ? buildWithNuxt() : buildWithNitro())
process.exit()

async function buildWithNuxt(): Promise<void> {
  const overrides = { ...settings, devtools: { enabled: false }, nitro: { output: { dir } } }
  await buildNuxt(await loadNuxt({ cwd: rootDir, overrides }))
}

async function buildWithNitro(): Promise<void> {
  const nitro = await createNitro({ ...settings, dev: false, preset: 'node-server', output: { dir }, ...kind === 'server' && serverOfNuxt() })
  await prepare(nitro)
  await build(nitro)
  await nitro.close()
}

/** The options of Nitro that Nuxt would set. */
function serverOfNuxt() {
  return {
    srcDir: 'server',
    modules: ours ? ['nuxt-h3-session/nitro'] : [],
    runtimeConfig: { nitro: { envPrefix: 'NUXT_' } },
  }
}
