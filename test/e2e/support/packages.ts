import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../support/process'
import { MATRIX } from './targets'

/** Installs the packages of a folder, from test/matrix, unless they were installed from the same lock file before. */
export async function installPackages(packages: string): Promise<void> {
  const folder = join(MATRIX, packages)
  const [installed, wanted] = ['node_modules/.package-lock.json', 'package-lock.json'].map(file => join(folder, file))
  // A folder without a lock file is a part of test/matrix, which `npm run test:matrix` installs.
  if (!existsSync(wanted!)) return
  if (existsSync(installed!) && statSync(installed!).mtimeMs >= statSync(wanted!).mtimeMs) return
  // With the environment of the tests, which has npm's registry, proxy and certificates.
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, env: process.env, timeout: 180_000 })
  if (code !== 0) throw new Error(`The packages of ${folder} could not be installed:\n${output}`)
}
