import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { cleanEnvironment, run } from './process'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const NUXT = join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs')

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
  // What the documentation shows.
  'docs-sealed': { fixture: 'docs', env: { FIXTURE: 'sealed' } },
  'docs-stored': { fixture: 'docs', env: { FIXTURE: 'stored' } },
  'docs-subdomains': { fixture: 'docs', env: { FIXTURE: 'subdomains' } },
  'docs-embedded': { fixture: 'docs', env: { FIXTURE: 'embedded' } },
  'auth-first': { fixture: 'auth-utils', env: { FIXTURE: 'auth-first', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-last': { fixture: 'auth-utils', env: { FIXTURE: 'auth-last', NUXT_SESSION_PASSWORD: BUILD_PASSWORD } },
  'auth-alone': { fixture: 'auth-utils', env: { FIXTURE: 'auth-alone' }, isWithoutUs: true },
} satisfies Record<string, Variant>

export type AppName = keyof typeof VARIANTS

/** A fixture as `nuxt build` leaves it. */
export interface BuiltApp {
  name: AppName
  buildDir: string
  outputDir: string
  /** What the build said. */
  log: string
}

/** Builds a fixture, unless it was built from the very same sources. */
export async function buildApp(name: AppName): Promise<BuiltApp> {
  const { fixture, env = {}, isWithoutUs }: Variant = VARIANTS[name]
  const rootDir = join(ROOT, 'test/fixtures', fixture)
  const app = { name, buildDir: join(rootDir, '.nuxt', name), outputDir: join(rootDir, '.output', name) }
  const stamp = join(app.outputDir, 'build.json')
  const sources = await hashSources(fixture, isWithoutUs ? [] : ['src/**/*.ts'])
  const earlier = await readFile(stamp, 'utf8').then(JSON.parse, () => undefined) as { sources: string, log: string } | undefined
  if (earlier?.sources === sources) return { ...app, log: earlier.log }

  await rm(app.outputDir, { recursive: true, force: true })
  const { code, output } = await run(process.execPath, [NUXT, 'build', rootDir], {
    env: cleanEnvironment({ ...env, FIXTURE_BUILD_DIR: app.buildDir, FIXTURE_OUTPUT_DIR: app.outputDir }),
    timeout: 180_000,
  })
  if (code !== 0) throw new Error(`The build of ${name} failed:\n${output}`)
  await mkdir(app.outputDir, { recursive: true })
  await writeFile(stamp, JSON.stringify({ sources, log: output }))
  return { ...app, log: output }
}

async function hashSources(fixture: string, ours: string[]): Promise<string> {
  const patterns = [...ours, `test/fixtures/${fixture}/**/*.{ts,vue,json}`, 'test/e2e/support/build.ts', 'package-lock.json']
  const files = globSync(patterns, { cwd: ROOT, exclude: ['**/node_modules', '**/.nuxt', '**/.output'] }).toSorted()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(await readFile(join(ROOT, file)))
  return hash.digest('hex')
}
