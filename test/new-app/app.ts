import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/ports.ts'
import { collectOutput, endGroup, hasExited, run } from '../support/process.ts'
import { until } from '../support/until.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FIXTURES = join(ROOT, 'test/fixtures/new-app')

/** An app in a separate folder, outside of the repository. */
export interface App {
  dir: string
  kind: AppKind
  hasModule: boolean
}

export interface Step {
  name: string
  /** A step that must pass before this one. */
  after?: string
  /** Throws with the reason if it fails, and may return a note. */
  take: (app: App) => Promise<unknown>
}

export interface AppKind {
  name: string
  /** Folders below test/fixtures/new-app; later ones override earlier ones. Those of the app without the module end in `-bare`. */
  folders: string[]
  /** Packages to install in their newest versions. */
  packages: string[]
  /** Packages whose versions are logged. */
  versionsOf: string[]
  steps: Step[]
}

/** Copies the app's files over those of an earlier kind, and requires the newest version of every package. */
export async function createApp(directory: string, kind: AppKind, tarball: string | undefined): Promise<App> {
  const suffix = tarball ? '' : '-bare'
  const dir = join(directory, kind.folders[0] + suffix)
  for (const built of ['.nuxt', '.output']) await rm(join(dir, built), { recursive: true, force: true })
  for (const folder of kind.folders) await cp(join(FIXTURES, folder + suffix), dir, { recursive: true })
  const dependencies = Object.fromEntries(kind.packages.map(name => [name, 'latest']))
  if (tarball) dependencies['nuxt-h3-session'] = `file:${tarball}`
  await writeFile(join(dir, 'package.json'), JSON.stringify({ name: 'new-app', private: true, type: 'module', dependencies }, null, 2))
  return { dir, kind, hasModule: tarball !== undefined }
}

/** Installs with npm and without a lock file, unless an earlier kind did. Returns the installed versions. */
export async function install({ dir, kind }: App): Promise<string> {
  if (!existsSync(join(dir, 'node_modules/.package-lock.json'))) await runNpm(['install', '--no-package-lock', '--no-audit', '--no-fund'], dir)
  const versions = await Promise.all(kind.versionsOf.map(name => versionOf(dir, name)))
  return versions.filter(version => version !== undefined).join(', ')
}

async function versionOf(dir: string, name: string): Promise<string | undefined> {
  const text = await readFile(join(dir, 'node_modules', name, 'package.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : `${name} ${JSON.parse(text).version}`
}

/** Runs a script of one of the app's packages. @throws with its output */
export async function runScript({ dir }: App, script: string, ...args: string[]): Promise<void> {
  await runOrThrow(process.execPath, [join('node_modules', script), ...args], dir)
}

/** Runs npm with the settings of this machine. @throws with its output */
export function runNpm(args: string[], cwd: string): Promise<string> {
  return runOrThrow('npm', args, cwd)
}

async function runOrThrow(file: string, args: string[], cwd: string): Promise<string> {
  const { code, output } = await run(file, args, { cwd, env: appEnvironment(), timeout: 600_000 })
  if (code !== 0) throw new Error(`$ ${[file, ...args].join(' ')}\n${output.trimEnd()}\n(${code === null ? 'ended after 600 seconds' : `code ${code}`})`)
  return output
}

/** Starts a server of the app with Node, calls `visit` when it responds, and ends it. @throws with the server's output */
export async function withServer({ dir }: App, args: string[], env: Record<string, string>, visit: (url: string) => Promise<unknown>): Promise<void> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, args, {
    cwd: dir, env: { ...appEnvironment(), HOST: '127.0.0.1', PORT: String(port), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
  })
  const output = collectOutput(child)
  try {
    await until(() => isReady(url), () => {
      if (hasExited(child)) throw new Error('It ended.')
    }, 120_000)
    await visit(url)
  }
  catch (error) {
    throw new Error(`$ node ${args.join(' ')}\n${output.all.trimEnd()}\n${error instanceof Error ? error.message : error}`, { cause: error })
  }
  finally {
    await endGroup(child)
  }
}

/** Nuxt's development server responds with 503 while it builds. */
async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(async response => (await response.text(), response.status !== 503), () => false)
}

/** The machine's environment, with this Node first, and without what `npm run` and the repository's packages add. */
function appEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string) => /^(?:INIT_CWD|NODE|NODE_ENV|NODE_OPTIONS|NUXT_.*|NITRO_.*)$|^npm_(?!config_)|^npm_config_(?:local_prefix|allow_scripts)$/.test(name)
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)))
  const path = (process.env.PATH ?? '').split(delimiter).filter(folder => !folder.endsWith(join('node_modules', '.bin')))
  return { ...env, PATH: [dirname(process.execPath), ...path].join(delimiter), NUXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' }
}
