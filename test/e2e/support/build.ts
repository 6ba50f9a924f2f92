import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, run } from './process'
import { MATRIX, nodeOf, TARGET_NAME, targetNamed } from './targets'
import type { Target } from './targets'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const NUXT = join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs')
const NITRO = join(ROOT, 'node_modules/nitropack/dist/cli/index.mjs')

/** Stands in the environment of the builds; it must be nowhere in what they write. */
export const BUILD_PASSWORD = 'test-only-password-of-the-build-machine-4711'

interface Variant {
  fixture: string
  env?: Record<string, string>
  isWithoutUs?: boolean
}

const VARIANTS = {
  'main': { fixture: 'nuxt' },
  'client': { fixture: 'client' },
  'small': { fixture: 'small', env: { APP_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-first': { fixture: 'auth-utils', env: { FIXTURE: 'auth-first', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-last': { fixture: 'auth-utils', env: { FIXTURE: 'auth-last', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-alone': { fixture: 'auth-utils', env: { FIXTURE: 'auth-alone' }, isWithoutUs: true },
} satisfies Record<string, Variant>

export type AppName = keyof typeof VARIANTS

/** A fixture as its build leaves it. */
export interface BuiltApp {
  name: AppName
  buildDir: string
  outputDir: string
  /** What the build said. */
  log: string
}

/** Builds a fixture for the target of this run, unless it was built from the very same sources. */
export async function buildApp(name: AppName): Promise<BuiltApp> {
  const target = targetNamed(TARGET_NAME)
  const { env = {}, isWithoutUs }: Variant = VARIANTS[name]
  const fixture = fixtureOf(name, target)
  const rootDir = join(ROOT, 'test/fixtures', fixture)
  const variant = TARGET_NAME === 'nuxt' ? name : `${TARGET_NAME}-${name}`
  const app = { name, buildDir: join(rootDir, '.nuxt', variant), outputDir: join(rootDir, '.output', variant) }
  const stamp = join(app.outputDir, 'build.json')
  const sources = await hashSources([fixture, VARIANTS[name].fixture], isWithoutUs ? [] : ['src/**/*.ts'])
  const earlier = await readFile(stamp, 'utf8').then(JSON.parse, () => undefined) as { sources: string, log: string } | undefined
  if (earlier?.sources === sources) return { ...app, log: earlier.log }

  await rm(app.outputDir, { recursive: true, force: true })
  const cli = target.builder === 'nitro' ? NITRO : nuxtOf(target)
  const { code, output } = await run(nodeOf(target), [cli, 'build', target.packages ? await copySources(target.packages, fixture) : rootDir], {
    env: cleanEnvironment({
      ...env, ...target.buildEnv, ...target.preset && { NITRO_PRESET: target.preset },
      FIXTURE_BUILD_DIR: app.buildDir, FIXTURE_OUTPUT_DIR: app.outputDir,
    }),
    timeout: 180_000,
  })
  if (code !== 0) throw new Error(`The build of ${variant} failed:\n${output}`)
  await mkdir(app.outputDir, { recursive: true })
  await writeFile(stamp, JSON.stringify({ sources, log: output }))
  return { ...app, log: output }
}

function fixtureOf(name: AppName, { builder }: Target): string {
  if (builder === 'nuxt') return VARIANTS[name].fixture
  if (name !== 'main') throw new Error(`The fixture of "${name}" is a Nuxt app, and the target ${TARGET_NAME} has none: say so in targets.ts.`)
  return 'nitro'
}

function nuxtOf({ packages }: Target): string {
  if (!packages) return NUXT
  const manifest = createRequire(join(MATRIX, packages, 'package.json')).resolve('nuxt/package.json')
  return join(dirname(manifest), 'bin/nuxt.mjs')
}

/** The module and a fixture beside the packages that build them, since packages are looked up from where a file lies. */
async function copySources(packages: string, fixture: string): Promise<string> {
  const copy = join(MATRIX, packages, 'app')
  const filter = (path: string) => !/\/(?:\.nuxt|\.output|node_modules)$/.test(path)
  for (const path of ['src', `test/fixtures/${fixture}`]) {
    await rm(join(copy, path), { recursive: true, force: true })
    await cp(join(ROOT, path), join(copy, path), { recursive: true, filter })
  }
  return join(copy, 'test/fixtures', fixture)
}

async function hashSources(fixtures: string[], ours: string[]): Promise<string> {
  const patterns = [
    ...ours, ...fixtures.map(fixture => `test/fixtures/${fixture}/**/*.{ts,vue,json}`),
    'test/e2e/support/{build,targets}.ts', '{,test/matrix/}package-lock.json',
  ]
  const files = globSync(patterns, { cwd: ROOT, exclude: ['**/node_modules', '**/.nuxt', '**/.output'] }).toSorted()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(await readFile(join(ROOT, file)))
  return hash.digest('hex')
}
