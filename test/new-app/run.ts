// npm run check:new-app: new apps with the packed module, without a lock file.
// The repository's lock file hides what a new version of a package does to new apps.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp, ROOT, runNpm } from './app.ts'
import type { AppKind, Step } from './app.ts'
import { APPS } from './apps.ts'

/** Why each step failed; `undefined` if it passed. */
type Outcome = Map<string, string | undefined>

/** The summary. */
const findings: string[] = []
const directory = await mkdtemp(join(tmpdir(), 'h3-session-new-app-'))
try {
  const tarball = await pack()
  for (const kind of APPS) {
    if (!await isFine(kind, tarball)) process.exitCode = 1
  }
}
finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}
console.log(['', ...findings, process.exitCode ? 'The module breaks new apps.' : 'The module breaks no new app.'].join('\n'))

/** Packs the output of `npm run build`. */
async function pack(): Promise<string> {
  await runNpm(['pack', '--ignore-scripts', '--pack-destination', directory], ROOT)
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  console.log(`${name} ${version}`)
  return join(directory, `${name}-${version}.tgz`)
}

/** Whether every step that passes without the module also passes with it. */
async function isFine(kind: AppKind, tarball: string): Promise<boolean> {
  const outcome = await takeSteps(kind, tarball)
  const failed = Array.from(outcome).flatMap(([step, reason]) => reason === undefined ? [] : [step])
  if (failed.length === 0) return true
  const bare = await takeSteps({ ...kind, steps: leadingTo(failed, kind.steps) })
  const isOurs = (step: string) => bare.get(step) === undefined
  for (const step of failed) {
    const without = bare.has(step) ? 'passes' : 'does not get so far'
    findings.push(`${kind.name}: "${step}" ${isOurs(step) ? `fails with the module; without it, it ${without}` : 'fails without the module too, so the module is not why'}.`)
  }
  return !failed.some(isOurs)
}

/** The steps with these names, and the steps that they depend on. */
function leadingTo(names: string[], steps: Step[]): Step[] {
  const needed = new Set(names)
  for (const { name, after } of steps.toReversed()) {
    if (after && needed.has(name)) needed.add(after)
  }
  return steps.filter(({ name }) => needed.has(name))
}

/** Creates the app and runs its steps; without a tarball, the app without the module. */
async function takeSteps(kind: AppKind, tarball?: string): Promise<Outcome> {
  console.log(`\n${kind.name}, ${tarball ? 'with' : 'without'} the module`)
  const app = await createApp(directory, kind, tarball)
  const outcome: Outcome = new Map()
  for (const { name, after, take } of kind.steps) {
    if (after && (!outcome.has(after) || outcome.get(after) !== undefined)) continue
    const start = performance.now()
    try {
      const said = await take(app)
      outcome.set(name, undefined)
      console.log(`  ${name}: ${said ?? 'passes'} (${Math.round((performance.now() - start) / 1000)} s)`)
    }
    catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      outcome.set(name, reason)
      console.log(`  ${name}: FAILS\n${reason}`)
    }
  }
  return outcome
}
