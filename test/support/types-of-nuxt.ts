import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, run } from './process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Creates the root's .nuxt in a fresh clone, because tsconfig.json extends one of its files. */
export async function ensureTypesOfNuxt(): Promise<void> {
  if (existsSync(join(ROOT, '.nuxt/tsconfig.json'))) return
  const script = join(ROOT, 'node_modules/@nuxt/module-builder/dist/cli.mjs')
  const { code, output } = await run(process.execPath, [script, 'prepare', ROOT], { env: cleanEnvironment({}), cwd: ROOT, timeout: 120_000 })
  if (code !== 0) throw new Error(`"nuxt-module-build prepare" failed:\n${output}`)
}
