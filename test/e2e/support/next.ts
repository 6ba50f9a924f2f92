import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../support/process'
import { MATRIX, NEXT } from './targets'

/** Installs the packages that are built on h3 2, unless they were installed from the same lock file before. */
export async function installNext(): Promise<void> {
  const folder = join(MATRIX, NEXT)
  const [installed, wanted] = ['node_modules/.package-lock.json', 'package-lock.json'].map(file => join(folder, file))
  if (existsSync(installed!) && statSync(installed!).mtimeMs >= statSync(wanted!).mtimeMs) return
  // With the environment of the tests, which has npm's registry, proxy and certificates.
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, env: process.env, timeout: 180_000 })
  if (code !== 0) throw new Error(`The packages of test/next could not be installed:\n${output}`)
}
