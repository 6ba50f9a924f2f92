// npm run test:matrix [-- TARGET…]: the end-to-end suites on each target, one after the other.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TARGETS, targetNamed } from '../e2e/support/targets.ts'
import type { Target } from '../e2e/support/targets.ts'

interface Row { target: string, passed: number, failed: number, skipped: number, seconds: number }
interface Report { numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: { status: string, assertionResults: unknown[] }[] }

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = join(HERE, '../..')

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TARGETS).filter(name => !targetNamed(name).isBrowserOnly)
const targets = names.map(name => [name, targetNamed(name)] as const)

if (targets.some(([, target]) => needsPackages(target))) installPackages()
const rows: Row[] = []
for (const [name] of targets) rows.push(await runTarget(name))

console.table(Object.fromEntries(rows.map(({ target, ...row }) => [target, row])))
for (const [name, { withoutSuites, withoutTests }] of targets) {
  for (const [what, reason] of Object.entries({ ...withoutSuites, ...withoutTests })) console.log(`${name} is not asked "${what}": ${reason}.`)
}
const sum = (key: 'passed' | 'failed' | 'skipped') => rows.reduce((total, row) => total + row[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
if (sum('failed') > 0) process.exitCode = 1

function needsPackages({ node, packages, serve }: Target): boolean {
  return Boolean(node ?? packages ?? serve)
}

/** Installs the runtimes and the other versions of Nuxt, unless they were installed from the same lock file before. */
function installPackages(): void {
  const [installed, wanted] = ['node_modules/.package-lock.json', 'package-lock.json'].map(file => join(HERE, file))
  if (existsSync(installed!) && statSync(installed!).mtimeMs >= statSync(wanted!).mtimeMs) return
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE, stdio: 'inherit' })
  if (status !== 0) throw new Error('The packages of test/matrix could not be installed.')
}

async function runTarget(target: string): Promise<Row> {
  const directory = await mkdtemp(join(tmpdir(), 'h3-session-matrix-'))
  const file = join(directory, 'report.json')
  const start = performance.now()
  console.log(`\n=== ${target}`)
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'e2e', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`], {
    cwd: ROOT, env: { ...process.env, TEST_TARGET: target }, stdio: 'inherit',
  })
  const [code] = await once(child, 'close')
  const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined) as Report | undefined
  await rm(directory, { recursive: true })
  const failedSuites = report?.testResults.filter(suite => suite.status === 'failed' && suite.assertionResults.length === 0).length ?? 1
  const failed = (report?.numFailedTests ?? 0) + failedSuites
  return {
    target,
    passed: report?.numPassedTests ?? 0,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report?.numPendingTests ?? 0,
    seconds: Math.round((performance.now() - start) / 1000),
  }
}
