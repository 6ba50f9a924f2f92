import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, run } from '../../support/process'
import { installPackages } from './packages'
import { MATRIX, nodeOf, TARGET_NAME, targetNamed } from './targets'
import type { Target } from './targets'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const NUXT = join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs')
export const NITRO = join(ROOT, 'node_modules/nitropack/dist/cli/index.mjs')

/** Set in the environment of the builds. It must not be in their output. */
export const BUILD_PASSWORD = 'test-only-password-of-the-build-machine-4711'

const BUILD_AS_WRITTEN = join(ROOT, 'test/e2e/support/build-as-written.ts')

interface Variant {
  fixture: string
  env?: Record<string, string>
  isWithoutUs?: boolean
  /** Without a server, for a static host. */
  isGenerated?: boolean
  /** For fixtures that name the module as an app does: they are built by `build-as-written.ts`. */
  asWritten?: 'nuxt' | 'nitro' | 'server'
}

const VARIANTS = {
  'main': { fixture: 'nuxt' },
  'client': { fixture: 'client' },
  'client-streamed': { fixture: 'client', env: { FIXTURE_STREAMING: 'true' } },
  // The same pages below a base beside a server, and alone on a static host.
  'prerendered': { fixture: 'prerendered', env: { NUXT_APP_BASE_URL: '/site/' } },
  'static': { fixture: 'prerendered', isGenerated: true },
  'small': { fixture: 'small', env: { APP_SESSION_PASSWORD: BUILD_PASSWORD } },
  // One mistake each.
  'mistake-option': { fixture: 'mistakes', env: { FIXTURE: 'option' } },
  'mistake-import': { fixture: 'mistakes', env: { FIXTURE: 'import' } },
  'mistake-call': { fixture: 'mistakes', env: { FIXTURE: 'call' } },
  // The apps of the documentation.
  'docs-sealed': { fixture: 'docs', env: { FIXTURE: 'sealed' } },
  'docs-stored': { fixture: 'docs', env: { FIXTURE: 'stored', FIXTURE_PRERENDER: '/404.html' } },
  'docs-strict': { fixture: 'docs', env: { FIXTURE: 'strict' } },
  'docs-database': { fixture: 'docs', env: { FIXTURE: 'database', FIXTURE_PRERENDER: '/404.html' } },
  'docs-mysql': { fixture: 'docs', env: { FIXTURE: 'mysql', FIXTURE_PRERENDER: '/404.html' } },
  'docs-sqlite': { fixture: 'docs', env: { FIXTURE: 'sqlite' } },
  'docs-oauth': { fixture: 'docs', env: { FIXTURE: 'oauth' } },
  'docs-oauth-auth-utils': { fixture: 'docs', env: { FIXTURE: 'oauth-auth-utils' } },
  'docs-workers': { fixture: 'docs', env: { FIXTURE: 'workers' } },
  'docs-subdomains': { fixture: 'docs', env: { FIXTURE: 'subdomains' } },
  'docs-device-bound': { fixture: 'docs', env: { FIXTURE: 'device-bound' } },
  'docs-embedded': { fixture: 'docs', env: { FIXTURE: 'embedded' } },
  'auth-first': { fixture: 'auth-utils', env: { FIXTURE: 'auth-first', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-last': { fixture: 'auth-utils', env: { FIXTURE: 'auth-last', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-alone': { fixture: 'auth-utils', env: { FIXTURE: 'auth-alone' }, isWithoutUs: true },
  'auth-own': { fixture: 'auth-utils', env: { FIXTURE: 'auth-own', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'h3-before': { fixture: 'migration/h3/before', asWritten: 'server', isWithoutUs: true },
  'h3-after': { fixture: 'migration/h3/after', asWritten: 'nuxt' },
  'auth-utils-before': { fixture: 'migration/nuxt-auth-utils/before', asWritten: 'nuxt', isWithoutUs: true },
  'auth-utils-after': { fixture: 'migration/nuxt-auth-utils/after', asWritten: 'nuxt' },
  'auth-utils-after-oauth': { fixture: 'migration/nuxt-auth-utils/after-oauth', asWritten: 'nuxt' },
  'iron-session-before': { fixture: 'migration/iron-session/before', asWritten: 'server', isWithoutUs: true },
  'iron-session-after': { fixture: 'migration/iron-session/after', asWritten: 'server' },
  'sidebase-after': { fixture: 'migration/sidebase-nuxt-session/after', asWritten: 'server' },
  'express-after': { fixture: 'migration/express-session/after', asWritten: 'server' },
  'h3-2-after': { fixture: 'migration/h3-2/after', asWritten: 'nitro' },
} satisfies Record<string, Variant>

export type AppName = keyof typeof VARIANTS

/** A built fixture. */
export interface BuiltApp {
  name: AppName
  buildDir: string
  outputDir: string
  /** The output of the build. */
  log: string
}

/** Builds a fixture for the target of this run, unless it was built from the same sources before. */
export async function buildApp(name: AppName): Promise<BuiltApp> {
  const target = targetNamed(TARGET_NAME)
  const { env = {}, isGenerated, isWithoutUs, asWritten }: Variant = VARIANTS[name]
  const fixture = asWritten ? VARIANTS[name].fixture : fixtureOf(name, target)
  const rootDir = join(ROOT, 'test/fixtures', fixture)
  const variant = TARGET_NAME === 'nuxt' ? name : `${TARGET_NAME}-${name}`
  const app = { name, buildDir: join(rootDir, '.nuxt', variant), outputDir: join(rootDir, '.output', variant) }
  const stamp = join(app.outputDir, 'build.json')
  const sources = await hashSources([fixture, VARIANTS[name].fixture, ...target.alsoFixtures ?? []], isWithoutUs ? [] : ['src/**/*.ts'])
  const earlier = await readFile(stamp, 'utf8').then(JSON.parse, () => undefined) as { sources: string, log: string } | undefined
  if (earlier?.sources === sources) return { ...app, log: earlier.log }

  await rm(app.outputDir, { recursive: true, force: true })
  if (target.packages) await installPackages(target.packages)
  const place = target.packages ? await copySources(target.packages, [fixture, ...target.alsoFixtures ?? []]) : rootDir
  const command = asWritten ? [BUILD_AS_WRITTEN, rootDir, asWritten, ...isWithoutUs ? [] : ['with-us']] : buildOf(target, place, isGenerated)
  const { code, output } = await run(nodeOf(target), command, {
    env: cleanEnvironment({
      ...env, ...target.builder === 'h3-2' && { FIXTURE: name }, ...target.buildEnv, ...target.preset && { NITRO_PRESET: target.preset },
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
  if (name !== 'main' && !(name === 'client' && builder === 'h3-2')) throw new Error(`The fixture of "${name}" is a Nuxt app, and the target ${TARGET_NAME} has none. Exclude the suite in targets.ts.`)
  return builder
}

/** The script that builds the fixture in a folder, and its arguments. */
function buildOf({ builder, packages }: Target, place: string, isGenerated = false): string[] {
  if (builder === 'nitro') return [NITRO, 'build', place]
  if (!packages) return [NUXT, isGenerated ? 'generate' : 'build', place]
  if (builder === 'h3-2') return [scriptOf(packages, 'rolldown', 'bin/cli.mjs'), '-c', join(place, 'rolldown.config.ts')]
  return [builder === 'nitro-3' ? scriptOf(packages, 'nitro', 'dist/cli/index.mjs') : scriptOf(packages, 'nuxt', 'bin/nuxt.mjs'), isGenerated ? 'generate' : 'build', place]
}

/** A file of a package in a folder of packages. */
export function scriptOf(packages: string, name: string, file: string): string {
  return join(createRequire(join(MATRIX, packages, 'package.json')).resolve(`${name}/package.json`), '..', file)
}

/** Copies the module and the fixtures beside the packages that build them, because packages are found from a file's folder. */
export async function copySources(packages: string, fixtures: string[], copy = join(MATRIX, packages, 'app')): Promise<string> {
  const filter = (path: string) => !/\/(?:\.nuxt|\.output|node_modules)$/.test(path)
  for (const path of ['src', ...fixtures.map(fixture => `test/fixtures/${fixture}`)]) {
    await rm(join(copy, path), { recursive: true, force: true })
    await cp(join(ROOT, path), join(copy, path), { recursive: true, filter })
  }
  return join(copy, 'test/fixtures', fixtures[0]!)
}

async function hashSources(fixtures: string[], ours: string[]): Promise<string> {
  const patterns = [
    ...ours, ...fixtures.map(fixture => `test/fixtures/${fixture}/**/*.{ts,vue,json}`),
    'test/e2e/support/{build,build-as-written,targets}.ts', '{,test/matrix/,test/next/,test/devtools-4/}package-lock.json',
  ]
  const files = globSync(patterns, { cwd: ROOT, exclude: ['**/node_modules', '**/.nuxt', '**/.output'] }).toSorted()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(await readFile(join(ROOT, file)))
  return hash.digest('hex')
}
